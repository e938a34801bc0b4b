"""Files put into the corpus folder and taken out of it."""

import threading

import pytest

from rag import corpus
from rag.articles import scan
from rag.errors import ArticleError, CorpusError

DATA = "# Hội nghị\n\nÔng Hải chủ trì hội nghị.\n".encode()


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "corpus"
    place.mkdir()
    return place


def files(folder):
    return {path.name: path.read_bytes() for path in scan(folder).files}


def leftovers(folder):
    return [path for path in folder.rglob("*") if path.is_file() and corpus.INCOMING in path.parts]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.md", "a.md"),
        ("../../etc/passwd.md", "passwd.md"),
        ("C:\\Users\\an\\bài báo.txt", "bài báo.txt"),
        ("/absolute/path.html", "path.html"),
        ("...hidden.md", "hidden.md"),
        ("Ha\u0300 Ti\u0303nh.md", "Hà Tĩnh.md"),
        ("line\nbreak\ttab.md", "line break tab.md"),
        ("nul\x00\u202egnp.md", "nulgnp.md"),
        ('<img src=x onerror="alert(1)">.md', "_img src=x onerror=_alert(1)__.md"),
        ("a?b*c|d:e.md", "a_b_c_d_e.md"),
        ("two..dots .md", "two..dots.md"),
    ],
)
def test_a_name_becomes_one_that_harms_nobody(name, expected):
    assert corpus.safe_name(name) == expected


def test_a_long_name_is_cut_between_characters():
    name = corpus.safe_name("ệ" * 300 + ".md")
    assert name == "ệ" * 65 + ".md"


@pytest.mark.parametrize(
    "name", ["", ".", "..", ".md", "/", "a/..", "no-type", "README.md", "readme.vi.txt", "\u202e.md"]
)
def test_a_name_of_no_use_is_refused(name):
    with pytest.raises(ArticleError):
        corpus.safe_name(name)


def test_a_file_is_added_whole_and_nothing_else_is_left(folder):
    added = corpus.add_file(folder, "../new.md", DATA)
    assert (added.source, added.kept_aside, added.unchanged) == ("new.md", "", False)
    assert added.article.title == "Hội nghị"
    assert files(folder) == {"new.md": DATA}
    assert leftovers(folder) == []


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.exe", DATA, "'.exe' are not read"),
        ("a.md", b"", "the file is empty"),
        ("a.md", b"---\n---\n", "no article text"),
        ("a.pdf", b"no PDF at all", "the PDF cannot be read"),
        ("a.docx", b"PK\x03\x04 broken", "the Word file cannot be read"),
        ("README.md", DATA, "README"),
        ("big.txt", b"a " * (10 * 1024 * 1024 + 1), "larger than 20 MB"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_reason(name, data, reason, folder):
    with pytest.raises(ArticleError, match=reason):
        corpus.add_file(folder, name, data)
    assert files(folder) == {}
    assert leftovers(folder) == []


def test_nothing_is_overwritten_without_a_word(folder):
    corpus.add_file(folder, "a.md", DATA)
    with pytest.raises(ArticleError, match="is there already"):
        corpus.add_file(folder, "a.md", DATA + b"More.\n")
    assert files(folder) == {"a.md": DATA}


def test_what_is_replaced_is_kept_aside(folder):
    corpus.add_file(folder, "a.md", DATA)
    added = corpus.add_file(folder, "a.md", DATA + b"More.\n", replace=True)
    assert files(folder) == {"a.md": DATA + b"More.\n"}
    assert added.kept_aside.startswith(".removed/")
    assert (folder / added.kept_aside).read_bytes() == DATA


def test_the_same_file_again_changes_nothing(folder):
    corpus.add_file(folder, "a.md", DATA)
    assert corpus.add_file(folder, "a.md", DATA).unchanged
    assert not (folder / corpus.REMOVED).exists()


def test_a_name_in_another_unicode_form_is_the_same_name(folder):
    (folder / "Ha\u0300.md").write_bytes(DATA)
    with pytest.raises(ArticleError, match="already"):
        corpus.add_file(folder, "Hà.md", DATA + b"More.\n")


def test_of_two_writers_of_one_name_one_is_refused(folder):
    begin, told = threading.Barrier(8), []

    def write(number):
        begin.wait()
        try:
            corpus.add_file(folder, "a.md", DATA + str(number).encode())
            told.append("added")
        except ArticleError as error:
            told.append(error.message)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["added", *["another file named 'a.md' is there already"] * 7]
    (data,) = files(folder).values()
    assert data.startswith(DATA)
    assert len(data) == len(DATA) + 1


def test_a_removed_file_is_moved_aside_and_can_be_put_back(folder):
    (folder / "deep").mkdir()
    (folder / "deep" / "a.md").write_bytes(DATA)
    place = corpus.remove_file(folder, "deep/a.md")
    assert files(folder) == {}
    assert (folder / place).read_bytes() == DATA
    corpus.put_back(folder, place, "deep/a.md")
    assert files(folder) == {"a.md": DATA}


def test_what_has_been_taken_since_is_not_overwritten(folder):
    (folder / "a.md").write_bytes(DATA)
    place = corpus.remove_file(folder, "a.md")
    (folder / "a.md").write_bytes(b"new")
    with pytest.raises(CorpusError, match="new file"):
        corpus.put_back(folder, place, "a.md")
    assert (folder / "a.md").read_bytes() == b"new"


@pytest.mark.parametrize(
    "source", ["", ".", "..", "../outside.md", "/outside.md", "deep", "none.md", ".removed/x.md"]
)
def test_only_a_file_of_the_corpus_can_be_removed(source, folder, tmp_path):
    (tmp_path / "outside.md").write_bytes(DATA)
    (folder / "deep").mkdir()
    (folder / ".removed").mkdir()
    (folder / ".removed" / "x.md").write_bytes(DATA)
    with pytest.raises(CorpusError):
        corpus.remove_file(folder, source)
    assert (tmp_path / "outside.md").exists()
    assert (folder / ".removed" / "x.md").exists()


def test_a_folder_that_cannot_be_written_is_one_clear_error(tmp_path):
    with pytest.raises(CorpusError, match="cannot be changed"):
        corpus.add_file(tmp_path / "missing", "a.md", DATA)
