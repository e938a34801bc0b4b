"""The page over the articles: what it shows, and how it changes folder and index."""

import re
from pathlib import Path

import pytest
from hash_embedder import HashEmbedder

from rag.assistant import Assistant
from rag.errors import IndexLocked
from rag.settings import Settings
from rag.store import write_lock
from rag.web import corpus
from rag.web.corpus import CorpusPage
from rag.web.corpus_texts import _TEXTS, reason_in

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)>${7*7}'


class Local(Assistant):
    """The real assistant, with vectors that need no model."""

    _embedder = HashEmbedder()


@pytest.fixture
def assistant(tmp_path, monkeypatch):
    monkeypatch.setattr("rag.embed.embedder_fingerprint", lambda settings: HashEmbedder().fingerprint)
    monkeypatch.setattr("rag.embed.embedder_name", lambda settings: HashEmbedder().name)
    folder = tmp_path / "corpus"
    folder.mkdir()
    write(folder, "a.md", "Hội nghị ở Vinh", "Ông Hải chủ trì hội nghị ở Vinh.", "2023-12-26", "Báo Nghệ An")
    write(folder, "deep/b.md", "", "Bà Lan khai mạc lễ hội ở Huế.")
    made = Local(Settings(corpus=folder, index=tmp_path / "index", llm="extractive"))
    made.index()
    yield made
    made.close()


@pytest.fixture
def page(assistant):
    return CorpusPage(assistant)


def write(folder: Path, name, title, text, date="", outlet=""):
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text(
        f"---\ntitle: {title!r}\ndate: {date!r}\noutlet: {outlet!r}\n---\n\n{text}\n", "utf-8"
    )


def shown(page, language="en", **how):
    return page.html(language, **{"may_change": True, **how})


def rows(html):
    return re.findall(r'rag-article-row" data-source="(.*?)"', html)


def last(events):
    *before, event = events
    assert all(each["type"] == "progress" for each in before)
    return event


def test_both_languages_say_the_same_things():
    assert _TEXTS["vi"].keys() == _TEXTS["en"].keys()
    for name, text in _TEXTS["vi"].items():
        assert sorted(re.findall(r"\{\w+\}", text)) == sorted(re.findall(r"\{\w+\}", _TEXTS["en"][name]))


def test_every_article_has_its_row_and_its_problems(page):
    html = shown(page)
    assert rows(html) == ["a.md", "deep/b.md"]
    assert "Báo Nghệ An" in html
    assert "no title, no date, no outlet" in html
    assert html.count("rag-remove") == 2
    assert 'id="timeline"' in html
    assert html.count("rag-point") == 2


@pytest.mark.parametrize(
    ("find", "found"), [("vinh", ["a.md"]), ("bao nghe 2023", ["a.md"]), ("deep", ["deep/b.md"]), ("xyz", [])]
)
def test_articles_are_found_with_and_without_diacritics(find, found, page):
    assert rows(shown(page, find=find)) == found


def test_a_long_table_is_cut_and_says_so(page, monkeypatch):
    monkeypatch.setattr(corpus, "MOST_ROWS", 1)
    html = shown(page)
    assert rows(html) == ["a.md"]
    assert "1 of 2 articles are shown" in html


def test_who_may_not_change_anything_gets_no_buttons(page):
    html = shown(page, may_change=False)
    assert "rag-remove" not in html
    assert 'id="upload"' not in html
    assert "log in" in html


def test_an_index_of_another_folder_is_not_changed_from_here(assistant, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    html = shown(CorpusPage(assistant.variant(corpus=other)))
    assert "made from another folder" in html
    assert 'id="upload"' not in html
    assert "rag-remove" not in html


def test_files_that_changed_or_went_away_are_told(page, assistant):
    folder = assistant.settings.corpus
    write(folder, "a.md", "Hội nghị ở Vinh", "Ông Hải vắng mặt.")
    (folder / "deep" / "b.md").unlink()
    html = shown(page)
    assert "the file has changed" in html
    assert "no longer in the folder" in html


def test_what_was_not_read_is_listed_with_its_reason(page, assistant):
    folder = assistant.settings.corpus
    (folder / "table.xlsx").write_bytes(b"x")
    (folder / "empty.md").write_bytes(b"")
    write(folder, "new.md", "Mới", "Bài mới.")
    html = shown(page)
    assert "files of type &#39;.xlsx&#39; are not read" in html
    assert "the file is empty" in html
    assert "not in the index yet" in html
    assert "loại tệp “.xlsx” không đọc được" in shown(page, "vi")


def test_every_reason_we_give_ourselves_has_vietnamese_words():
    for reason in ("the file is empty", "its name cannot be used", "the PDF cannot be read (PdfReadError)"):
        assert reason_in("vi", reason) != reason
        assert reason_in("en", reason) == reason
    assert reason_in("vi", "something new") == "something new"


def test_an_added_file_is_found_at_once(page, assistant):
    added = page.add("en", "c.md", "Bà Ngọc khánh thành cầu ở Long Xuyên.".encode(), replace=False)
    assert added["type"] == "added"
    done = last(page.update("en"))
    assert done["type"] == "done"
    assert "3 articles" in done["text"]
    assert assistant.search("cầu Long Xuyên", 1).passages[0].source == "c.md"
    assert rows(shown(page)) == ["a.md", "c.md", "deep/b.md"]
    assert shown(page).count("rag-point") == 3


def test_what_is_refused_changes_nothing(page, assistant):
    for name, data in (("c.exe", b"MZ"), ("../a.md", b"other"), ("README.md", b"text"), ("", b"text")):
        assert page.add("vi", name, data, replace=False)["type"] == "refused"
    assert {path.name for path in assistant.settings.corpus.rglob("*") if path.is_file()} == {"a.md", "b.md"}


def test_a_replaced_file_says_where_the_old_one_is(page, assistant):
    event = page.add("en", "a.md", "Một bài khác hẳn.".encode(), replace=True)
    assert event["type"] == "replaced"
    place = re.search(r"\.removed/\S+\.md", event["text"])[0]
    assert "Ông Hải" in (assistant.settings.corpus / place).read_text("utf-8")


def test_a_removed_article_is_gone_from_answers_and_kept_aside(page, assistant):
    event = last(page.remove("en", "a.md"))
    assert event["type"] == "done"
    assert "1 removed" in event["text"]
    assert [article.source for article in assistant.articles()] == ["deep/b.md"]
    place = re.search(r"\.removed/\S+\.md", event["text"])[0]
    assert "Ông Hải" in (assistant.settings.corpus / place).read_text("utf-8")


def test_an_article_whose_file_is_gone_can_be_removed(page, assistant):
    (assistant.settings.corpus / "a.md").unlink()
    assert last(page.remove("en", "a.md"))["type"] == "done"
    assert [article.source for article in assistant.articles()] == ["deep/b.md"]


@pytest.mark.parametrize("source", ["", "../a.md", "none.md", "deep", ".removed/x.md"])
def test_only_an_article_of_the_index_can_be_removed(source, page):
    assert last(page.remove("en", source))["type"] == "failed"


def test_the_last_article_stays(page, assistant):
    last(page.remove("en", "a.md"))
    event = last(page.remove("en", "deep/b.md"))
    assert event["type"] == "failed"
    assert (assistant.settings.corpus / "deep" / "b.md").exists()
    assert [article.source for article in assistant.articles()] == ["deep/b.md"]


def test_a_locked_index_is_one_clear_line_and_nothing_is_lost(page, assistant):
    with write_lock(assistant.settings.index_dir):
        updated, removed = last(page.update("en")), last(page.remove("en", "a.md"))
    assert "Another program is writing the index" in updated["text"]
    assert removed["type"] == "failed"
    assert (assistant.settings.corpus / "a.md").exists()
    assert rows(shown(page)) == ["a.md", "deep/b.md"]


def test_whoever_comes_second_waits(page):
    with page._changing:
        second = page.update("en")
        assert next(second)["text"].startswith("Waiting for another update")
    assert last(second)["type"] == "done"


def test_a_fault_of_the_program_is_told_without_details(page, assistant, monkeypatch, capsys):
    def broken(progress):
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(assistant, "index", broken)
    event = last(page.update("en"))
    assert event == {
        "type": "failed",
        "text": "The index could not be updated; the earlier one goes on working.",
    }
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_text_of_articles_and_names_stays_text(page, assistant):
    write(assistant.settings.corpus, "c.md", "x", HOSTILE, outlet=HOSTILE.replace('"', ""))
    added = page.add("en", HOSTILE + ".md", f"# {HOSTILE}\n\n{HOSTILE}\n".encode(), replace=False)
    assert added["type"] == "added"
    last(page.update("en"))
    html = shown(page, find="", found=[{"source": "c.md", "start": 0}])
    tags = set(re.findall(r"<([a-z]+)", html.partition('<script type="application/json"')[0]))
    assert "script" not in tags
    assert "img" not in tags


def test_locked_is_the_error_that_the_store_raises(assistant):
    with write_lock(assistant.settings.index_dir), pytest.raises(IndexLocked):
        assistant.index()
