"""The articles themselves: listed, shown, added, removed; when they were written, and where they lie."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from browser.chat import Chat, show
from browser.served import Served

NEW = "Bà Nông Thị Mơ dạy hát then ở bản Phiêng Luông từ năm 2019."


@pytest.fixture
def article(tmp_path: Path) -> Path:
    file = tmp_path / "hat-then.md"
    file.write_text(f"---\ntitle: Lớp hát then\npublished: 2024-02-03\n---\n\n{NEW}\n", "utf-8")
    return file


def row(page: Page, source: str) -> Locator:
    return page.locator(f'#corpus-table .rag-article-row[data-source="{source}"]')


def drop(page: Page, *files: Path) -> None:
    """Let go of files over the field, as from a file manager."""
    data = page.evaluate_handle(
        """(files) => {
            const data = new DataTransfer();
            for (const [name, text] of files) data.items.add(new File([text], name));
            return data;
        }""",
        [[file.name, file.read_text("utf-8")] for file in files],
    )
    page.locator("#upload").dispatch_event("drop", {"dataTransfer": data})


def test_the_articles_are_listed(page: Page, served: Served) -> None:
    show(page, "articles")
    expect(row(page, "2023-01-11-thanh-hoa.md")).to_be_visible()
    files = {file.name for file in served.corpus.iterdir()}
    listed = page.locator("#corpus-table .rag-article-row").evaluate_all(
        "rows => rows.map(r => r.dataset.source)"
    )
    assert set(listed) == files
    expect(row(page, "2023-01-11-thanh-hoa.md")).to_contain_text("Báo Thanh Hóa")
    expect(row(page, "2023-01-11-thanh-hoa.md")).to_contain_text("11/01/2023")


def test_a_file_is_dropped_asked_about_and_removed(page: Page, served: Served, article: Path) -> None:
    show(page, "articles")
    drop(page, article)
    expect(row(page, "hat-then.md")).to_contain_text("Lớp hát then")
    assert (served.corpus / "hat-then.md").read_bytes() == article.read_bytes()
    show(page, "chat")
    chat = Chat(page)
    answer = chat.answered("Ai dạy hát then ở bản Phiêng Luông?")
    expect(answer).to_contain_text("Nông Thị Mơ")
    show(page, "articles")
    row(page, "hat-then.md").locator(".rag-remove").click()
    page.locator("#confirm-remove").click()
    expect(row(page, "hat-then.md")).to_have_count(0)
    assert not (served.corpus / "hat-then.md").exists()
    show(page, "chat")
    chat.ask("Ai dạy hát then ở bản Phiêng Luông?")
    expect(chat.answer).not_to_contain_text("Nông Thị Mơ")


def test_what_cannot_be_read_is_refused_with_the_reason(page: Page, served: Served, tmp_path: Path) -> None:
    (tmp_path / "empty.md").write_text("")
    (tmp_path / "program.exe").write_bytes(b"MZ\x00\x00")
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.4 broken")
    show(page, "articles")
    expect(page.locator("#upload-files")).to_be_attached()
    before = sorted(file.name for file in served.corpus.iterdir())
    page.locator("#upload-files").set_input_files(
        [tmp_path / name for name in ("empty.md", "program.exe", "broken.pdf")]
    )
    report = page.locator("#corpus-report")
    for name in ("empty.md", "program.exe", "broken.pdf"):
        expect(report).to_contain_text(name)
    assert sorted(file.name for file in served.corpus.iterdir()) == before


def test_the_passages_of_the_last_answer_light_up_on_the_map(page: Page) -> None:
    Chat(page).answered("Ai chủ trì hội nghị ở Đắk Nông?")
    show(page, "articles")
    points = page.locator("#map .rag-point")
    expect(points.first).to_be_visible()
    assert points.count() > page.locator("#map .rag-point.lit").count() > 0


def test_the_timeline_holds_what_is_dated(page: Page) -> None:
    show(page, "articles")
    for year in ("2022", "2023"):
        expect(page.locator("#timeline")).to_contain_text(year)


def test_files_arrive_though_the_language_is_changed(page: Page, served: Served, article: Path) -> None:
    held: list[Route] = []
    page.route("**/corpus/add*", lambda route: held.append(route))
    show(page, "articles")
    drop(page, article)
    expect(page.locator("#corpus")).to_have_attribute("aria-busy", "true")
    page.locator("#language").select_option("en")
    expect(page.locator("#language-note")).to_contain_text("when the work under way is complete")
    expect(page.locator("html")).to_have_attribute("lang", "vi")
    held[0].continue_()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(row(page, "hat-then.md")).to_contain_text("Lớp hát then")
    (served.corpus / "hat-then.md").unlink()
