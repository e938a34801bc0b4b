"""Conversations are kept, and each is its owner's alone."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from browser.chat import Chat
from browser.served import Served
from browser.watch import Watch

DAK_NONG = "Ai chủ trì hội nghị ở Đắk Nông?"
HA_TINH = "Ai là Chỉ huy trưởng Bộ đội Biên phòng Hà Tĩnh?"


def test_a_reload_keeps_the_conversation(page: Page) -> None:
    chat = Chat(page)
    chat.answered(DAK_NONG)
    chat.answered(HA_TINH)
    page.reload()
    expect(chat.answers).to_have_count(2)
    expect(chat.answers.first).to_contain_text("Hồ Văn Mười")
    expect(page.locator("#sources .rag-cited .rag-source").first).to_contain_text("Hà Tĩnh")
    chat.answer.locator("button.rag-cite").first.click()
    expect(page.locator("#article mark.rag-quote").first).to_be_in_viewport()


def test_a_restart_of_the_server_keeps_the_conversation(
    open_page: Callable[..., Page], served: Served, watch: Watch
) -> None:
    watch.allow("ERR_CONNECTION", "Connection errored", "Failed to load resource")
    page = open_page()
    chat = Chat(page)
    chat.answered("Ai mở lớp dạy đan lưới ở Cồn Sẻ?")
    served.restart()
    page.reload()
    expect(chat.answer).to_contain_text("Cồn Sẻ")
    expect(chat.answer).to_have_attribute("data-state", "done")
    chat.ask("Lớp đó dạy ở đâu?")
    expect(chat.answers).to_have_count(2)


def test_earlier_conversations_are_listed_opened_and_deleted(page: Page) -> None:
    chat = Chat(page)
    chat.answered(DAK_NONG)
    page.locator("#new").click()
    expect(chat.answers).to_have_count(0)
    expect(page.locator("#sources .rag-source")).to_have_count(0)
    chat.answered(HA_TINH)
    entries = page.locator("#history .rag-conversation")
    expect(entries).to_have_count(2)
    entries.filter(has_text="Đắk Nông").locator(".rag-resume").click()
    expect(chat.answer).to_contain_text("Hồ Văn Mười")
    expect(chat.answers).to_have_count(1)


def test_a_new_conversation_leaves_the_answer_that_is_being_written(
    open_page: Callable[..., Page], modelled: Served
) -> None:
    page = open_page(modelled)
    chat = Chat(page)
    chat.send(f"{DAK_NONG} (slowly)")
    expect(chat.answer).to_contain_text("và rồi")
    page.locator("#new").click()
    expect(page.locator("#send")).to_be_visible()
    expect(page.locator("#exchanges")).to_be_empty()
    chat.answered(HA_TINH)
    expect(chat.answers).to_have_count(1)
    expect(page.locator("#history .rag-conversation")).to_have_count(2)


def test_two_tabs_of_one_conversation_lose_no_turn(open_page: Callable[..., Page], modelled: Served) -> None:
    one = open_page(modelled)
    first = Chat(one)
    first.answered(DAK_NONG)
    other = one.context.new_page()
    other.goto(one.url)
    second = Chat(other)
    expect(second.answers).to_have_count(1)
    first.send(f"{DAK_NONG} (slowly)")
    expect(first.answer).to_contain_text("và rồi")
    expect(second.answer).to_have_attribute("data-state", "elsewhere")
    second.answered(HA_TINH)
    one.locator("#stop").dispatch_event("click")  # the answer may have ended by itself
    for page, chat in ((one, first), (other, second)):
        expect(chat.answers).to_have_count(3)
        expect(page.locator("#conversation")).to_contain_text("slowly")
        expect(page.locator("#conversation")).to_contain_text(HA_TINH)
        expect(page.locator('[data-state="elsewhere"]')).to_have_count(0)
        page.reload()
        expect(chat.answers).to_have_count(3)


def test_two_people_at_once_never_see_each_other(open_page: Callable[..., Page], modelled: Served) -> None:
    one, other = open_page(modelled), open_page(modelled)
    first, second = Chat(one), Chat(other)
    first.send(f"{DAK_NONG} (slowly)")
    expect(first.answer).to_contain_text("và rồi")
    second.box.fill(HA_TINH)
    other.locator("#send").click()
    expect(second.answers).to_have_count(1)
    one.locator("#stop").click()
    expect(second.answer).to_have_attribute("data-state", "done")
    for page, own, foreign in (
        (one, "Đắk Nông", "Biên phòng Hà Tĩnh"),
        (other, "Biên phòng Hà Tĩnh", "slowly"),
    ):
        for _ in range(2):
            expect(page.locator("#conversation")).to_contain_text(own)
            expect(page.locator("#conversation")).not_to_contain_text(foreign)
            expect(page.locator("#history .rag-conversation")).to_have_count(1)
            expect(page.locator("#history")).not_to_contain_text(foreign)
            page.reload()


def test_a_conversation_cannot_be_opened_from_another_profile(
    open_page: Callable[..., Page], watch: Watch
) -> None:
    watch.allow("404", "403")
    one = open_page()
    quoted = Chat(one).answered(DAK_NONG).locator("button.rag-cite").first
    expect(quoted).to_be_visible()
    other = open_page()
    other.goto(one.url)
    expect(other.locator("body")).to_contain_text("Không có cuộc trò chuyện này")
    expect(Chat(other).answers).to_have_count(0)
    expect(other.locator("button.rag-cite")).to_have_count(0)
    expect(other.locator("body")).not_to_contain_text(DAK_NONG)
