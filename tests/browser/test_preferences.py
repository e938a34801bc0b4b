"""What a reader may choose: language, theme, engine, strictness; and what they say of an answer."""

from __future__ import annotations

import json
from collections.abc import Callable

from playwright.sync_api import Page, expect

from browser.chat import Chat
from browser.served import Served

DAK_NONG = "Ai chủ trì hội nghị ở Đắk Nông?"


def test_the_language_of_the_browser_is_spoken_and_can_be_changed(open_page: Callable[..., Page]) -> None:
    page = open_page(locale="en-GB")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_role("button", name="New conversation").first).to_be_visible()
    page.locator("#question textarea").fill("half a question")
    page.locator("#language").select_option("vi")
    expect(page.locator("html")).to_have_attribute("lang", "vi")
    expect(page.get_by_role("button", name="Cuộc trò chuyện mới").first).to_be_visible()
    expect(page.locator("#question textarea")).to_have_value("half a question")
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", "vi")


def test_an_answer_goes_on_when_the_language_is_changed(
    open_page: Callable[..., Page], modelled: Served
) -> None:
    page = open_page(modelled)
    chat = Chat(page)
    chat.send(f"{DAK_NONG} (slowly)")
    expect(chat.answer).to_contain_text("và rồi")
    page.locator("#language").select_option("en")
    expect(page.locator("#language-note")).to_contain_text("when the work under way is complete")
    before = len(chat.answer.text_content() or "")
    expect(chat.answer).to_contain_text("và rồi " * 20)
    assert len(chat.answer.text_content() or "") > before
    expect(chat.answer).to_have_attribute("data-state", "writing")
    page.locator("#language").select_option("vi")
    expect(page.locator("#language-note")).to_be_hidden()
    page.locator("#language").select_option("en")
    page.locator("#filters summary").click()
    page.locator("#filter-since").fill("2023-12-01")
    page.locator("#stop").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("#chips")).to_contain_text("2023-12-01")
    expect(chat.answer).to_contain_text("và rồi")


def test_the_theme_follows_the_machine_and_can_be_changed(open_page: Callable[..., Page]) -> None:
    page = open_page(color_scheme="dark")
    dark = _background(page)
    page.locator("#theme").select_option("light")
    light = _background(page)
    assert _brightness(dark) < 100 < 200 < _brightness(light)
    page.reload()
    page.locator("#question textarea").wait_for()
    assert _background(page) == light
    page.locator("#theme").select_option("system")
    assert _background(page) == dark


def test_a_reader_changes_the_engine_for_their_own_browser(
    open_page: Callable[..., Page], modelled: Served
) -> None:
    page, other = open_page(modelled), open_page(modelled)
    expect(page.locator("#engine")).to_contain_text("fake:model")
    page.locator("#settings summary").click()
    page.locator("#setting-engine").select_option("extractive")
    expect(page.locator("#engine")).to_contain_text("chạy trên máy này")
    page.keyboard.press("Escape")
    Chat(page).answered(DAK_NONG)
    page.reload()
    expect(page.locator("#engine")).not_to_contain_text("fake:model")
    other.reload()
    expect(other.locator("#engine")).to_contain_text("fake:model")


def test_a_thumb_up_becomes_a_test_question(page: Page, served: Served) -> None:
    chat = Chat(page)
    chat.answered(DAK_NONG)
    chat.answer.locator(".rag-up").click()
    expect(chat.answer).to_contain_text("Cảm ơn")
    entry = _feedback(served)[-1]
    assert (entry["question"], entry["sources"]) == (DAK_NONG, ["2022-12-08-dak-nong.md"])
    assert "Hồ Văn Mười" in entry["answers"][0]


def test_a_thumb_down_takes_the_right_answer(page: Page, served: Served) -> None:
    chat = Chat(page)
    chat.answered(DAK_NONG)
    chat.answer.locator(".rag-down").click()
    chat.answer.locator("textarea").fill("Ông Hồ Văn Mười")
    chat.answer.get_by_role("button", name="Gửi góp ý").click()
    expect(chat.answer).to_contain_text("Cảm ơn")
    entry = _feedback(served)[-1]
    assert (entry["answers"], entry["answerable"]) == (["Ông Hồ Văn Mười"], True)


def test_a_thumb_down_may_say_that_there_is_no_answer(page: Page, served: Served) -> None:
    chat = Chat(page)
    chat.answered(DAK_NONG)
    chat.answer.locator(".rag-down").click()
    chat.answer.get_by_label("Các bài không có câu trả lời").check()
    expect(chat.answer.locator("textarea")).to_be_disabled()
    chat.answer.get_by_role("button", name="Gửi góp ý").click()
    expect(chat.answer).to_contain_text("Cảm ơn")
    entry = _feedback(served)[-1]
    assert (entry["answers"], entry["answerable"]) == ([], False)


def _feedback(served: Served) -> list[dict]:
    lines = (served.home / "index" / "feedback.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def _background(page: Page) -> str:
    return page.evaluate("getComputedStyle(document.body).backgroundColor")


def _brightness(colour: str) -> int:
    return max(int(part) for part in colour.removeprefix("rgb(").rstrip(")").split(","))
