"""Back and Forward: what is laid over the conversation is one step, and closing it takes that step back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from browser.chat import PHONE, WIDE, Chat, show

DAK_NONG = "Ai chủ trì hội nghị ở Đắk Nông?"
TWO_CITATIONS = "Tóm tắt hội nghị ở Đắk Nông."


def close(page: Page, way: str) -> None:
    if way == "button":
        page.locator("#article .rag-close").click()
    elif way == "escape":
        page.keyboard.press("Escape")
    else:
        page.go_back()
    expect(page.locator("#article")).to_be_hidden()


def open_first(page: Page) -> None:
    Chat(page).answer.locator("button.rag-cite").first.click()
    expect(page.locator("#article mark.rag-quote").first).to_be_in_viewport()


@pytest.mark.parametrize("way", ["button", "escape", "back"])
@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_a_closed_article_is_not_met_again_on_the_way_back(
    open_page: Callable[..., Page], viewport: dict, way: str
) -> None:
    page = open_page(viewport=viewport)
    chat = Chat(page)
    show(page, "articles")
    show(page, "chat")
    chat.answered(DAK_NONG)
    for _ in range(2):
        open_first(page)
        close(page, way)
        expect(chat.answer).to_be_visible()
        assert page.evaluate("document.activeElement.matches('button.rag-cite')")
    page.go_back()
    expect(page.locator("#rag")).to_have_attribute("data-view", "articles")
    expect(page.locator("#article")).to_be_hidden()


def test_forward_opens_the_article_again(page: Page) -> None:
    Chat(page).answered(DAK_NONG)
    open_first(page)
    close(page, "escape")
    page.go_forward()
    expect(page.locator("#article mark.rag-quote").first).to_be_in_viewport()
    close(page, "back")


def test_however_many_citations_are_looked_at_one_step_leads_back(page: Page) -> None:
    Chat(page).answered(TWO_CITATIONS)
    open_first(page)
    before = page.evaluate("history.length")
    page.locator("#article .rag-next").click()
    expect(page.locator("#article .rag-position")).to_contain_text("2 /")
    assert page.evaluate("history.length") == before
    close(page, "back")


def test_an_article_that_a_tab_was_opened_at_can_be_closed(page: Page) -> None:
    Chat(page).answered(DAK_NONG)
    open_first(page)
    tab = page.context.new_page()
    tab.goto(page.url)
    expect(tab.locator("#article mark.rag-quote").first).to_be_in_viewport()
    close(tab, "button")
    tab.reload()
    expect(Chat(tab).answer).to_be_visible()
    expect(tab.locator("#article")).to_be_hidden()


def test_on_a_phone_the_list_of_sources_is_a_step_of_its_own(open_page: Callable[..., Page]) -> None:
    page = open_page(viewport=PHONE)
    chat = Chat(page)
    chat.answered(DAK_NONG)
    chat.answer.locator(".rag-show-sources").click()
    source = page.locator("#sources .rag-found .rag-source .rag-open").first
    source.click()
    expect(page.locator("#article .rag-article-text")).to_be_visible()
    close(page, "button")
    expect(source).to_be_visible()
    page.go_back()
    expect(source).to_be_hidden()
    expect(chat.answer).to_be_visible()


def test_a_question_asked_beside_an_open_article_closes_it(page: Page) -> None:
    chat = Chat(page)
    chat.answered(DAK_NONG)
    open_first(page)
    chat.answered("Ai là Chỉ huy trưởng Bộ đội Biên phòng Hà Tĩnh?")
    expect(page.locator("#article")).to_be_hidden()
    page.reload()
    expect(chat.answers).to_have_count(2)
    expect(page.locator("#article")).to_be_hidden()
