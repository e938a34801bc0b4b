"""A question and its answer: as it is written, checked, stopped, tried again, mended, not found."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from browser.chat import PHONE, WIDE, Chat, tab_to
from browser.served import Served

DAK_NONG = "Ai chủ trì hội nghị ở Đắk Nông?"
NOT_KNOWN = "Thủ đô của nước Pháp là gì?"
CHAIR = "Hồ Văn Mười"


def test_an_answer_is_read_with_its_sources(page: Page) -> None:
    answer = Chat(page).answered(DAK_NONG)
    expect(answer).to_contain_text(CHAIR)
    expect(answer.locator(".rag-sentence").first).to_have_attribute("data-verdict", "supported")
    expect(answer.locator("button.rag-cite").first).to_have_attribute("data-source", "2022-12-08-dak-nong.md")
    cited = page.locator("#sources .rag-cited .rag-source")
    expect(cited.first).to_contain_text("Triển khai nhiệm vụ quốc phòng")
    expect(cited.first).to_contain_text("08/12/2022")
    expect(page.locator("#sources .rag-found .rag-source").first).to_be_visible()


def test_passages_are_shown_before_the_model_has_said_a_word(
    open_page: Callable[..., Page], modelled: Served
) -> None:
    page = open_page(modelled)
    page.evaluate(
        """() => {
            window.seen = [];
            new MutationObserver(() => window.seen.push([
                document.querySelector("#sources .rag-source") !== null,
                document.querySelector(".rag-answer .rag-text")?.textContent.trim() || "",
            ])).observe(document.body, {subtree: true, childList: true, characterData: true});
        }"""
    )
    Chat(page).answered(DAK_NONG)
    seen = page.evaluate("window.seen")
    assert any(sources and not text for sources, text in seen)
    assert not any(text and not sources for sources, text in seen)


def test_the_question_as_searched_is_shown(page: Page) -> None:
    answer = Chat(page).answered("ai chu tri hoi nghi o dak nong")
    expect(answer).to_contain_text(CHAIR)
    expect(page.locator(".rag-searched").last).to_contain_text("ai chủ trì hội nghị ở đắk nông")


def test_a_follow_up_question_knows_what_was_said_before(page: Page) -> None:
    chat = Chat(page)
    chat.answered(DAK_NONG)
    answer = chat.answered("Còn ở Hà Tĩnh thì sao?")
    expect(answer).to_contain_text("Võ Trọng Hải")
    expect(page.locator(".rag-searched").last).to_contain_text("chủ trì hội nghị")
    expect(page.locator(".rag-searched").last).to_contain_text("Hà Tĩnh")
    expect(chat.answers).to_have_count(2)


def test_what_the_articles_do_not_hold_leads_to_the_nearest_passages_and_a_wider_search(page: Page) -> None:
    chat = Chat(page)
    answer = chat.ask(NOT_KNOWN)
    expect(answer).to_have_attribute("data-status", "not_found")
    expect(answer.locator("button.rag-cite")).to_have_count(0)
    expect(page.locator("#sources .rag-cited .rag-source")).to_have_count(0)
    found = page.locator("#sources .rag-source")
    expect(found.first).to_be_visible()
    narrow = found.count()
    page.locator(".rag-wider").last.click()
    expect(found).not_to_have_count(narrow)
    assert found.count() > narrow


def test_a_stopped_answer_never_looks_finished(open_page: Callable[..., Page], modelled: Served) -> None:
    page = open_page(modelled)
    chat = Chat(page)
    chat.send(f"{DAK_NONG} (slowly)")
    expect(chat.answer).to_have_attribute("data-state", "writing")
    expect(chat.answer).to_contain_text("và rồi và rồi")
    page.locator("#stop").click()
    expect(chat.answer).to_have_attribute("data-state", "stopped")
    expect(page.locator("#stop")).to_be_hidden()
    written = chat.answer.text_content()
    page.reload()
    expect(chat.answer).to_have_attribute("data-state", "stopped")
    expect(chat.answer.locator("button.rag-cite")).to_have_count(0)
    chat.answered(DAK_NONG)  # the model is free again
    assert written
    expect(chat.answers.first).to_have_attribute("data-state", "stopped")


def test_an_answer_is_given_again(open_page: Callable[..., Page], modelled: Served) -> None:
    page = open_page(modelled)
    chat = Chat(page)
    chat.send(f"{DAK_NONG} (slowly)")
    expect(chat.answer).to_contain_text("và rồi")
    page.locator("#stop").click()
    expect(chat.answer).to_have_attribute("data-state", "stopped")
    page.locator("#retry").click()
    expect(chat.answer).to_have_attribute("data-state", "writing")
    expect(chat.answers).to_have_count(1)
    page.locator("#stop").click()
    expect(chat.answer).to_have_attribute("data-state", "stopped")


def test_a_question_is_mended_and_asked_anew(page: Page) -> None:
    chat = Chat(page)
    chat.ask("Ai chủ trì hội nghị ở Đắk Lắc?")
    page.locator(".rag-edit").last.click()
    editor = page.locator("#conversation textarea")
    expect(editor).to_have_value("Ai chủ trì hội nghị ở Đắk Lắc?")
    editor.fill(DAK_NONG)
    editor.press("Enter")
    expect(chat.answer).to_contain_text(CHAIR)
    expect(chat.answers).to_have_count(1)
    expect(page.locator("#conversation")).not_to_contain_text("Đắk Lắc")


def test_an_example_asks_what_the_articles_can_answer(page: Page) -> None:
    chat = Chat(page)
    example = page.locator("#examples button.rag-example").first
    question = (example.text_content() or "").strip()
    example.click()
    expect(chat.answer).to_have_attribute("data-state", "done")
    expect(chat.answer).to_have_attribute("data-status", "answered")
    expect(page.locator("#conversation")).to_contain_text(question)


def test_filters_limit_what_is_searched(page: Page) -> None:
    chat = Chat(page)
    chat.answered("Ai chủ trì hội nghị?")
    page.locator("#filters summary").click()
    page.locator("#filter-since").fill("2023-12-01")
    chat.answered("Ai chủ trì hội nghị?")
    sources = page.locator("#sources .rag-source")
    expect(sources.first).to_contain_text("Hà Tĩnh")
    assert all("26/12/2023" in text for text in sources.all_text_contents())


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_several_articles_and_outlets_are_chosen_without_a_mouse(
    open_page: Callable[..., Page], viewport: dict
) -> None:
    page = open_page(viewport=viewport)
    chat = Chat(page)
    page.locator("#filters summary").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#filter-sources input[type=checkbox]").first).to_be_visible()
    for source in ("2022-12-08-dak-nong.md", "2023-12-26-ha-tinh.md"):
        tab_to(page, f"#filter-sources input[value='{source}']")
        page.keyboard.press("Space")
    page.keyboard.press("Escape")
    expect(page.locator("#chips .rag-chip")).to_have_count(2)
    chat.answered("Ai chủ trì hội nghị?")
    opened = page.locator("#sources .rag-source .rag-open")
    sources = set(opened.evaluate_all("all => all.map((each) => each.dataset.source)"))
    assert sources == {"2022-12-08-dak-nong.md", "2023-12-26-ha-tinh.md"}
    page.locator("#chips .rag-chip").first.click()
    expect(page.locator("#chips .rag-chip")).to_have_count(1)
    chat.answered("Ai chủ trì hội nghị ở Hà Tĩnh?")
    assert set(opened.evaluate_all("all => all.map((each) => each.dataset.source)")) == {
        "2023-12-26-ha-tinh.md"
    }


def test_the_list_of_articles_can_be_searched(page: Page) -> None:
    page.locator("#filters summary").click()
    rows = page.locator("#filter-sources .rag-check")
    expect(rows.first).to_be_visible()
    page.locator("#filter-find").fill("dan luoi")
    expect(rows.locator("visible=true")).to_have_count(1)
    expect(rows.locator("visible=true")).to_contain_text("Lớp đan lưới ở Cồn Sẻ")


def test_an_empty_question_is_not_sent_and_one_too_long_is_refused(page: Page) -> None:
    chat = Chat(page)
    chat.box.fill("   ")
    chat.box.press("Enter")
    expect(chat.answers).to_have_count(0)
    chat.box.evaluate("box => box.removeAttribute('maxlength')")
    chat.box.fill("hội nghị " * 400)
    chat.box.press("Enter")
    expect(page.locator("#conversation")).to_contain_text("2000")
    expect(chat.answers).to_have_count(0)


def test_an_answer_is_copied_without_its_markers(
    new_context: Callable[..., BrowserContext], served: Served
) -> None:
    context = new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(served.url)
    answer = Chat(page).answered(DAK_NONG)
    answer.get_by_role("button", name="Sao chép").click()
    expect(page.locator("#status")).to_have_text("Đã sao chép")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("Chủ trì hội nghị là ông Hồ Văn Mười")
    assert not re.search(r"\[\d\]|Nguồn xác nhận", copied)
