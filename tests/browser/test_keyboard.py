"""Without a mouse: all is reached, the focus is seen, a screen reader hears what goes on."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from browser.chat import MOST_STEPS, PHONE, WIDE, Chat, show, tab_to

DAK_NONG = "Ai chủ trì hội nghị ở Đắk Nông?"

# How an element and what surrounds it look; the ring may be drawn around a field's frame.
_REMEMBER = """() => {
    const look = (e) => {
        const s = getComputedStyle(e);
        return [s.outlineStyle, s.outlineWidth, s.outlineColor, s.boxShadow, s.borderColor, s.backgroundColor,
                s.stroke, s.strokeWidth].join();
    };
    const near = (e) => [e, e.parentElement, e.parentElement?.parentElement, ...e.children].filter(Boolean);
    document.activeElement.blur();
    window.__before = new Map();
    for (const e of document.querySelectorAll("*")) window.__before.set(e, look(e));
    window.__changed = (e) => near(e).some((each) => look(each) !== window.__before.get(each));
}"""
_WANTED = """() => [...document.querySelectorAll(
        "a[href], button, input, select, textarea, summary, [tabindex='0']")]
    .filter((e) => !e.disabled && e.tabIndex >= 0
        && e.checkVisibility({checkOpacity: true, checkVisibilityCSS: true}))"""


def test_ask_read_a_citation_and_come_back(page: Page) -> None:
    chat = Chat(page)
    tab_to(page, "#question textarea")
    page.keyboard.type(DAK_NONG)
    page.keyboard.press("Enter")
    expect(chat.answer).to_have_attribute("data-state", "done")
    tab_to(page, "button.rag-cite", "Shift+Tab")
    marker = page.evaluate("document.activeElement.dataset.n")
    page.keyboard.press("Enter")
    expect(page.locator("#article mark.rag-quote").first).to_be_in_viewport()
    expect(page.locator("#article :focus")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("#article")).to_be_hidden()
    assert page.evaluate("document.activeElement.matches('button.rag-cite')")
    assert page.evaluate("document.activeElement.dataset.n") == marker


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("view", ["chat", "articles", "evaluation"])
def test_everything_is_reached_and_the_focus_is_seen(
    open_page: Callable[..., Page], viewport: dict, view: str
) -> None:
    page = open_page(viewport=viewport)
    Chat(page).answered(DAK_NONG)
    if view != "chat":
        show(page, view)
        expect(
            page.locator("#corpus, #evaluation").locator("visible=true").get_by_role("heading").first
        ).to_be_visible()
    page.evaluate(_REMEMBER)
    wanted = page.evaluate(f"({_WANTED})().length")
    unseen: list[str] = []
    for _ in range(MOST_STEPS):
        page.keyboard.press("Tab")
        step = page.evaluate(
            """() => {
                const e = document.activeElement;
                if (e === document.body) return null;  // between the last element and the first
                const again = (window.__reached ??= new Set()).has(e);
                window.__reached.add(e);
                return [again, window.__changed(e), e.outerHTML.slice(0, 120)];
            }"""
        )
        if step is None:
            continue
        if step[0]:
            break
        if not step[1]:
            unseen.append(step[2])
    missed = page.evaluate(
        f"({_WANTED})().filter((e) => !window.__reached.has(e)).map((e) => e.outerHTML.slice(0, 120))"
    )
    assert wanted >= 3  # the skip link and two buttons, at the least
    assert not unseen, "no visible focus:\\n" + "\\n".join(unseen)
    assert not missed, "not reached:\\n" + "\\n".join(missed)


@pytest.mark.parametrize("drawing", ["timeline", "map"])
def test_the_arrows_lead_from_dot_to_dot(page: Page, drawing: str) -> None:
    Chat(page).answered(DAK_NONG)
    show(page, "articles")
    dots = page.locator(f"#{drawing} g[role=button]")
    expect(dots.first).to_be_visible()
    assert page.locator(f"#{drawing} [tabindex='0']").count() == 1
    tab_to(page, f"#{drawing} g")
    names = []
    page.keyboard.press("Home")
    for _ in range(dots.count()):
        named = page.locator(f"#{drawing} g:focus").get_attribute("aria-label")
        expect(page.locator(f"#{drawing} .rag-named")).to_have_text(named or "?")
        names.append(named)
        page.keyboard.press("ArrowRight")
    assert len(names) == len(set(names)) == dots.count()
    page.keyboard.press("ArrowLeft")
    before = page.locator(f"#{drawing} g:focus").get_attribute("aria-label")
    assert before == names[-2]
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    assert page.locator(f"#{drawing} g:focus").get_attribute("aria-label") == before
    page.keyboard.press("Enter")
    expect(page.locator("#article .rag-article-text")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#article")).to_be_hidden()
    assert page.locator(f"#{drawing} g:focus").get_attribute("aria-label") == before


def test_what_goes_on_is_announced(page: Page) -> None:
    expect(page.locator("#conversation[role=log]")).to_have_count(1)
    page.evaluate(
        """() => {
            const status = document.querySelector("#status");
            window.said = [];
            const hear = () => window.said.push(status.textContent);
            new MutationObserver(hear).observe(status, {childList: true});
        }"""
    )
    chat = Chat(page)
    chat.answered(DAK_NONG)
    said = page.evaluate("window.said")
    assert said[0] == "Đang tìm…"
    assert said[-1] == "Đã trả lời xong."
    expect(chat.answer.locator(".rag-sentence").first).to_contain_text("Nguồn xác nhận")
    expect(chat.answer.locator("button.rag-cite").first).to_have_accessible_name(
        re.compile("1: “Chủ trì hội nghị")
    )
