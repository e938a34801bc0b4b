"""Every main state at both widths and in both themes: nothing is cut off, and axe finds nothing serious."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from browser.chat import PHONE, WIDE, Chat, show

DAK_NONG = "Ai chủ trì hội nghị ở Đắk Nông?"
NOT_KNOWN = "Thủ đô của nước Pháp là gì?"
SERIOUS = ("serious", "critical")

# Whatever sticks out to the right, unless it stands in something that scrolls by itself.
STICKING_OUT = """async () => {
    const moving = document.getAnimations().filter((a) => a.effect.getComputedTiming().endTime < Infinity);
    await Promise.allSettled(moving.map((each) => each.finished));
    const wide = document.documentElement.clientWidth;
    const out = document.documentElement.scrollWidth > wide ? ["the page scrolls sideways"] : [];
    const scrolls = (e) =>
        e && (/(auto|scroll)/.test(getComputedStyle(e).overflowX) || scrolls(e.parentElement));
    for (const e of document.querySelectorAll("body *")) {
        const box = e.getBoundingClientRect();
        const seen = e.checkVisibility({checkOpacity: true, checkVisibilityCSS: true});
        if (seen && box.width && box.height && box.right > wide + 1 && !scrolls(e.parentElement))
            out.push(`${e.tagName}.${e.className}#${e.id} ends at ${Math.round(box.right)} of ${wide}`);
    }
    return out;
}"""


def states(page: Page) -> Iterator[str]:
    """Bring the page from one main state to the next."""
    chat = Chat(page)
    expect(page.locator("#examples button.rag-example").first).to_be_visible()
    yield "welcome"
    page.locator("#filters summary").click()
    expect(page.locator("#filter-since")).to_be_visible()
    yield "filters"
    page.locator("#settings summary").click()
    expect(page.locator("#setting-engine")).to_be_visible()
    yield "settings"
    page.keyboard.press("Escape")
    chat.answered(DAK_NONG)
    yield "answered"
    chat.answer.locator("button.rag-cite").first.hover()
    expect(page.locator(".rag-card:visible")).to_be_visible()
    yield "card"
    chat.answer.locator("button.rag-cite").first.click()
    expect(page.locator("#article mark.rag-quote").first).to_be_in_viewport()
    yield "article"
    page.keyboard.press("Escape")
    expect(page.locator("#article")).to_be_hidden()
    chat.ask(NOT_KNOWN)
    yield "not found"
    page.locator(".rag-show-sources").last.click()
    yield "nearest passages"
    page.keyboard.press("Escape")
    show(page, "articles")
    expect(page.locator("#map .rag-point").first).to_be_visible()
    yield "articles"
    show(page, "evaluation")
    expect(page.locator("#evaluation").get_by_role("heading").first).to_be_visible()
    yield "evaluation"
    if page.locator("#menu").is_visible():
        page.locator("#menu").click()
        expect(page.locator("#history .rag-conversation").first).to_be_visible()
        yield "menu"


def test_the_first_page_fills_a_phone(open_page: Callable[..., Page]) -> None:
    page = open_page(viewport=PHONE)
    for part in (".rag-top", "#conversation", "#composer"):
        box = page.locator(part).bounding_box()
        assert box is not None
        assert box["width"] == PHONE["width"]


def serious(page: Page) -> list[str]:
    """What axe finds, one line each, with the first element it means."""
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [
        f"{each['id']} ({each['impact']}): {each['help']}: {each['nodes'][0]['html'][:160]}"
        for each in found
        if each["impact"] in SERIOUS
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_every_state_is_whole_and_accessible(
    open_page: Callable[..., Page], viewport: dict, theme: str
) -> None:
    page = open_page(viewport=viewport, color_scheme=theme)
    problems: list[str] = []
    for state in states(page):
        problems += [f"{state}: {line}" for line in (*page.evaluate(STICKING_OUT), *serious(page))]
    assert not problems, "\n".join(problems)
