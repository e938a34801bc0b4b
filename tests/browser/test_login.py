"""Users, who must log in: nobody else sees anything, and each sees their own conversations alone."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from browser.chat import Chat
from browser.served import ROOT, Served
from browser.watch import Watch
from rag.web.auth import add_user, hash_password

DAK_NONG = "Ai chủ trì hội nghị ở Đắk Nông?"
AN, BINH = ("an", "mật khẩu của An"), ("bình", "mật khẩu của Bình")


@pytest.fixture(scope="module")
def protected(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The page with one user from a file and one from the environment."""
    home = tmp_path_factory.mktemp("protected")
    shutil.copytree(ROOT / "corpus", home / "corpus", ignore=shutil.ignore_patterns("README.md"))
    add_user(home / "users.txt", *AN)
    users = f"{BINH[0]}:{hash_password(BINH[1])}"
    served = Served(home, "--llm", "extractive", "--auth", "users.txt", RAG_USERS=users)
    served.index()
    yield served.start()
    served.stop()


@pytest.fixture
def visit(new_context: Callable[..., BrowserContext], protected: Served) -> Callable[..., Page]:
    def visit_(**options: str) -> Page:
        page = new_context(**options).new_page()
        page.goto(protected.url)
        expect(page.locator("#login")).to_be_visible()
        return page

    return visit_


def log_in(page: Page, name: str, password: str) -> None:
    page.locator("[name=username]").fill(name)
    page.locator("[name=password]").fill(password)
    page.locator("[name=password]").press("Enter")


def test_a_wrong_password_is_refused_and_the_right_one_lets_in(
    visit: Callable[..., Page], watch: Watch
) -> None:
    watch.allow("400")
    page = visit()
    log_in(page, AN[0], "falsch geraten")
    expect(page.get_by_role("alert")).to_have_text("Tên hoặc mật khẩu không đúng.")
    expect(page.locator("#question")).to_have_count(0)
    log_in(page, "nobody", AN[1])
    expect(page.get_by_role("alert")).to_be_visible()
    log_in(page, *AN)
    expect(page.locator(".rag-user")).to_contain_text("an")
    expect(Chat(page).answered(DAK_NONG)).to_contain_text("Hồ Văn Mười")
    page.reload()
    expect(Chat(page).answer).to_contain_text("Hồ Văn Mười")


def test_two_users_do_not_see_each_others_conversations(visit: Callable[..., Page]) -> None:
    first, second = visit(), visit()
    log_in(first, *AN)
    log_in(second, *BINH)
    Chat(first).answered(DAK_NONG)
    expect(second.locator("#history")).to_contain_text("Chưa có cuộc trò chuyện nào.")
    second.goto(first.url)
    expect(second.locator("#status")).to_have_text("Không có cuộc trò chuyện này.")
    expect(Chat(second).answers).to_have_count(0)


def test_a_user_finds_their_conversations_in_another_browser(visit: Callable[..., Page]) -> None:
    first, second = visit(), visit()
    log_in(first, *BINH)
    Chat(first).answered("Ai là Chỉ huy trưởng Bộ đội Biên phòng Hà Tĩnh?")
    log_in(second, *BINH)
    expect(second.locator("#history .rag-conversation").first).to_contain_text("Chỉ huy trưởng")


def test_whoever_logs_out_is_out_in_every_tab(visit: Callable[..., Page], watch: Watch) -> None:
    watch.allow("401")
    page = visit()
    log_in(page, *AN)
    chat = Chat(page)
    chat.answered(DAK_NONG)
    other = page.context.new_page()
    other.goto(page.url)
    expect(Chat(other).answer).to_be_visible()
    page.get_by_role("link", name="Đăng xuất").click()
    expect(page.locator("#login")).to_be_visible()
    expect(page.locator("body")).not_to_contain_text("Đắk Nông")
    Chat(other).box.fill(DAK_NONG)
    other.locator("#send").click()
    expect(other.locator("#login")).to_be_visible()
    page.go_back()
    expect(page.locator("#login")).to_be_visible()


def test_nothing_is_served_without_logging_in(visit: Callable[..., Page], protected: Served) -> None:
    request = visit().context.request
    for path in (
        "rag/assets/page.js",
        "rag/conversations",
        "rag/corpus",
        "config",
        "gradio_api/info",
        "openapi.json",
    ):
        assert request.get(f"{protected.url}/{path}").status == 401, path
    for path in ("rag/ask", "rag/corpus/add", "gradio_api/call/ask", "gradio_api/upload"):
        assert request.post(f"{protected.url}/{path}", data={"data": ["x"]}).status == 401, path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_for_logging_in_speaks_the_readers_language(visit: Callable[..., Page], scheme: str) -> None:
    page = visit(locale="en-GB", color_scheme=scheme)
    expect(page.get_by_label("User name")).to_be_focused()
    expect(page.get_by_role("button", name="Log in")).to_be_visible()
