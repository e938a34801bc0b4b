"""A citation is alive: it shows its words, opens its article at them, and says when they are gone."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from browser.chat import PHONE, WIDE, Chat, before_highlight, cited, highlighted, squeezed, stored, tab_to
from browser.formats import FORMATS
from browser.served import Served

DAK_NONG = "Ai chủ trì hội nghị ở Đắk Nông?"


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_a_click_opens_the_article_at_the_very_words(
    open_page: Callable[..., Page], served: Served, viewport: dict
) -> None:
    page = open_page(viewport=viewport)
    chat = Chat(page)
    chat.answered(DAK_NONG)
    markers = chat.answer.locator("button.rag-cite")
    for number in range(markers.count()):
        marker = markers.nth(number)
        marker.click()
        expect(page.locator("#article mark.rag-quote").first).to_be_in_viewport()
        assert highlighted(page) == squeezed(cited(served.corpus, marker))
        article = stored(served.corpus, marker.get_attribute("data-source") or "")
        start = int(marker.get_attribute("data-start") or -1)
        assert before_highlight(page) == squeezed(article.text[:start])
        expect(page.locator("#article")).to_contain_text(article.title)
        page.locator("#article .rag-close").click()
        expect(page.locator("#article")).to_be_hidden()


def test_previous_and_next_walk_through_the_citations(page: Page, served: Served) -> None:
    chat = Chat(page)
    chat.answered("Tóm tắt hội nghị ở Đắk Nông.")
    first, second = (chat.answer.locator("button.rag-cite").nth(n) for n in (0, 1))
    quotes = [cited(served.corpus, marker) for marker in (first, second)]
    first.click()
    expect(page.locator("#article mark.rag-quote").first).to_be_in_viewport()
    page.locator("#article .rag-next").click()
    expect(page.locator("#article mark.rag-quote")).to_contain_text(quotes[1][:20])
    assert highlighted(page) == squeezed(quotes[1])
    expect(page.locator("#article mark.rag-quote").first).to_be_in_viewport()
    page.locator("#article .rag-prev").click()
    expect(page.locator("#article mark.rag-quote")).to_contain_text(quotes[0][:20])
    assert highlighted(page) == squeezed(quotes[0])


def test_the_back_button_closes_the_article(page: Page) -> None:
    chat = Chat(page)
    chat.answered(DAK_NONG)
    chat.answer.locator("button.rag-cite").first.click()
    expect(page.locator("#article mark.rag-quote").first).to_be_in_viewport()
    page.go_back()
    expect(page.locator("#article")).to_be_hidden()
    expect(chat.answer).to_contain_text("Hồ Văn Mười")
    page.go_forward()
    expect(page.locator("#article mark.rag-quote").first).to_be_in_viewport()


@pytest.mark.parametrize("way", ["hover", "focus"])
def test_a_card_shows_the_quote_title_outlet_and_date(page: Page, way: str, served: Served) -> None:
    chat = Chat(page)
    chat.answered("Lê Văn Diện là ai?")
    marker = chat.answer.locator("button.rag-cite").first
    if way == "hover":
        marker.hover()
    else:
        tab_to(page, "button.rag-cite[data-n='1']", "Shift+Tab")
    card = page.locator(".rag-card:visible")
    expect(card).to_contain_text("Báo Thanh Hóa")
    expect(card).to_contain_text("11/01/2023")
    expect(card).to_contain_text("Hội nghị phối hợp thực hiện nhiệm vụ")
    assert squeezed(cited(served.corpus, marker)) in squeezed(card.text_content() or "")
    page.keyboard.press("Escape")
    expect(card).to_have_count(0)


def test_a_source_in_the_list_opens_too(page: Page) -> None:
    Chat(page).answered(DAK_NONG)
    page.locator("#sources .rag-found .rag-source").first.get_by_role("button").first.click()
    expect(page.locator("#article .rag-article-text")).to_be_visible()
    expect(page.locator("#article mark").first).to_be_in_viewport()


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_opens_at_the_words(open_page: Callable[..., Page], served: Served, name: str) -> None:
    page = open_page()
    chat = Chat(page)
    chat.answered(FORMATS[name])
    marker = chat.answer.locator("button.rag-cite").first
    assert marker.get_attribute("data-source") == name
    marker.click()
    expect(page.locator("#article mark.rag-quote").first).to_be_in_viewport()
    assert highlighted(page) == squeezed(cited(served.corpus, marker))


def test_a_saved_answer_says_when_its_source_has_changed(
    open_page: Callable[..., Page], served: Served
) -> None:
    page = open_page()
    chat = Chat(page)
    chat.answered("Ai mở lớp dạy đan lưới ở Cồn Sẻ?")
    source = served.corpus / "con-se.md"
    source.write_text(source.read_text("utf-8").replace("Phan Thị Lụa", "Phan Thị Là"), "utf-8")
    served.index()
    page.reload()
    expect(chat.answer).to_contain_text("Phan Thị Lụa")
    expect(page.get_by_text("Nguồn đã thay đổi").first).to_be_visible()


def test_an_answer_can_be_exported(page: Page, served: Served, tmp_path: Path) -> None:
    chat = Chat(page)
    chat.answered(DAK_NONG)
    marker = chat.answer.locator("button.rag-cite").first
    files = {}
    for kind in ("markdown", "json"):
        page.locator("#export summary").click()
        with page.expect_download() as waiting:
            page.locator(f"[data-export={kind}]").click()
        files[kind] = Path(waiting.value.path()).read_text("utf-8")
    assert re.search(r"\[\^[\w-]+\]: ", files["markdown"])
    assert squeezed(cited(served.corpus, marker)) in squeezed(files["markdown"])
    exported = json.loads(files["json"])
    assert cited(served.corpus, marker) in json.dumps(exported, ensure_ascii=False)
