"""Answers on the terminal, in Markdown and in HTML: complete, in the reader's language, and harmless."""

import io
import re
from dataclasses import replace

import pytest
from fake_assistant import ANSWER, ARTICLES, NOT_FOUND, PASSAGE, QUOTE

from rag.decode import harmless
from rag.errors import EngineError
from rag.markup import (
    answer_html,
    answer_markdown,
    escape_markdown,
    footnoted_markdown,
    sources_html,
    web_address,
)
from rag.render import (
    ProgressBars,
    answer_view,
    articles_view,
    follow,
    label,
    matched_words,
    reader_date,
    search_view,
    short_spans,
    sources_view,
    terminal,
    verdict_spans,
    write_view,
)
from rag.types import Delta, Retrieved, SearchResult, Sentence

LINKS = [
    "[y](javascript:alert(1))",
    "[y](https://evil.example)",
    "![x](http://evil.example/p.png)",
    "[y][1]\n\n[1]: https://evil.example",
    "[^1]: https://evil.example",
    "<https://evil.example>",
    "https://evil.example/a_b?c=d&e=f",
    "HTTP://EVIL.EXAMPLE",
    "www.evil.com",
    "evil.com",
    "ftp://evil.example",
    "mailto:a@evil.example",
    "a@evil.com",
    '<a href="https://evil.example">y</a>',
    '<img src=x onerror="alert(1)">',
    "&lt;a href=https://evil.example&gt;",
    "\x1b]8;;https://evil.example\x1b\\y\x1b]8;;\x1b\\",
    "\x9d8;;https://evil.example\x9cy\x9d8;;\x9c",
    "\x1b[31mred\x1b[0m\x1b[2J\x07\x08\r",
    "\u202egpj.exe\u202c \u2066x\u2069",
    "\ud800",
]
EVIL = "<script>alert(1)</script>\x1b[31m "
EVIL += "![x](http://evil.example/p.png) ${1+1} [y](javascript:alert(1)) {{7*7}}"


class Terminal(io.StringIO):
    def isatty(self):
        return True


def shown(view, stream=None):
    stream = stream or io.StringIO()
    write_view(view, stream)
    return stream.getvalue()


def marked(text, question):
    return [text[start:end] for start, end in matched_words(text, question)]


# --- matched words


@pytest.mark.parametrize(
    ("text", "question", "words"),
    [
        ("Hội nghị tại Hà Tĩnh.", "hội nghị ở Hà Tĩnh", ["Hội nghị", "Hà Tĩnh"]),
        ("Xã ở Đắk Nông", "dak nong", ["Đắk Nông"]),
        ("Tỉnh Nghệ An có án.", "Nghệ An", ["Nghệ An"]),
        ("Ông Hoà và bà Hòa", "hòa", ["Hoà", "Hòa"]),
        ("Một xã của tỉnh", "của một", []),
        ("a review of the year", "who led the review of the year?", ["review", "year"]),
        ("", "x", []),
        ("x", "", []),
    ],
)
def test_words_of_the_question_are_found_in_the_text(text, question, words):
    assert marked(text, question) == words


# --- sentences and their verdicts


def test_an_unsupported_sentence_is_found_whatever_markers_stand_around_it():
    answer = replace(ANSWER, answer="Một [1]. Hai [2][1]. Ba.", sentences=())
    sentences = (
        Sentence("Một [1].", (1,), "supported"),
        Sentence("Hai.", (2, 1), "unsupported"),
        Sentence("Ba.", (), "partial"),
    )
    answer = replace(answer, sentences=sentences)
    (start, end), *more = verdict_spans(answer, "unsupported")
    assert (answer.answer[start:end], more) == ("Hai [2][1].", [])
    (start, end), *more = verdict_spans(answer, "partial")
    assert (answer.answer[start:end], more) == ("Ba.", [])


def test_a_sentence_left_out_of_the_answer_is_not_looked_for_elsewhere():
    answer = replace(ANSWER, answer="Một.", sentences=(Sentence("Hai.", (), "unsupported"),))
    assert verdict_spans(answer, "unsupported") == []


# --- terminal


def test_the_terminal_shows_answer_quote_and_source():
    text = shown(answer_view(ANSWER, plain=True))
    lines = text.splitlines()
    assert lines[0] == "Ông Võ Trọng Hải chủ trì hội nghị [1]. ~~Ông đến từ Huế.~~"
    assert lines[2:] == [
        "Nguồn",
        "[1] Tổng kết năm 2023 — Báo Hà Tĩnh · 26/12/2023 · 2023-12-26-ha-tinh.md",
        f"    “{QUOTE}”",
    ]


def test_on_a_terminal_the_unsupported_sentence_is_struck():
    assert "\x1b[2;9mÔng đến từ Huế.\x1b[0m" in _on_a_colour_terminal(answer_view(ANSWER))


def _on_a_colour_terminal(view):
    console = terminal(Terminal())
    with console.capture() as capture:
        console.print(view)
    return capture.get()


def test_searched_for_and_notice_are_shown_when_there_is_something_to_say():
    text = shown(answer_view(replace(ANSWER, searched_for="hội nghị Hà Tĩnh", notice="Mô hình bị ngắt.")))
    assert "Đã tìm: hội nghị Hà Tĩnh" in text
    assert "Lưu ý: Mô hình bị ngắt." in text
    same = shown(answer_view(replace(ANSWER, searched_for=ANSWER.question)))
    assert "Đã tìm" not in same


def test_not_found_shows_the_nearest_passages_in_the_readers_language():
    text = shown(answer_view(NOT_FOUND, plain=True))
    assert text.startswith("The articles do not say.")
    assert "Nearest passages" in text
    assert "2023-12-26" in text
    assert "Sources" not in text
    assert "Đoạn liên quan nhất" in shown(answer_view(replace(NOT_FOUND, language="vi")))


def test_what_was_only_retrieved_is_not_listed_as_a_source():
    other = replace(PASSAGE, source="other.md")
    assert "other.md" not in shown(sources_view(replace(ANSWER, retrieved=(PASSAGE, other))))


def test_no_escape_sequence_reaches_the_terminal():
    evil = replace(
        ANSWER,
        answer=EVIL,
        notice=EVIL,
        searched_for=EVIL,
        citations=(replace(ANSWER.citations[0], title=EVIL, quote=EVIL, outlet=EVIL, source=EVIL),),
    )
    passage = replace(PASSAGE, title=EVIL, text=EVIL, source=EVIL, also_in=(EVIL,), explain={EVIL: EVIL})
    views = [
        answer_view(evil),
        answer_view(replace(evil, citations=(), retrieved=(passage,))),
        search_view(SearchResult("q", EVIL, "vi", (passage,)), explain=True),
        articles_view([replace(ARTICLES[0], title=EVIL, outlet=EVIL)], {}),
    ]
    for view in views:
        assert "\x1b" not in shown(view)
        assert "\x1b" not in shown(view, _PlainTerminal())


class _PlainTerminal(io.StringIO):
    """Wide, and of no colour: whatever escape sequence arrives comes from the text."""


def test_harmless_keeps_every_offset():
    text = "a\x1b[0m\x00b\tc\nd\x85\x7f\u202ee\u2066\ud800"
    assert len(harmless(text)) == len(text)
    assert harmless(text) == "a\ufffd[0m\ufffdb\tc\nd\ufffd\ufffd\ufffde\ufffd\ufffd"


@pytest.mark.parametrize("text", LINKS)
def test_nothing_in_an_answer_becomes_a_link(text):
    """A citation's own address stays the only one, on the terminal, in Markdown and in HTML."""
    answer = replace(ANSWER, answer=f"{text} [1]", sentences=(Sentence(text, (1,), "supported"),))
    for drawn in (shown(answer_view(answer)), shown(answer_view(answer), Terminal())):
        assert not re.search("\x1b(?!\\[[0-9;]*m)|[\x80-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", drawn)
    assert set(re.findall(r'(?:href|src)="([^"]*)"', answer_html(answer))) == {"https://example.org/a?b=1"}
    markdown = footnoted_markdown(answer)
    assert len(re.findall(r"(?<!\\)\]\(", markdown)) == 1
    bare = markdown.replace("<https://example.org/a?b=1>", "")
    assert not re.search(r"[^\\]://|www\.|\w\.com|\w@\w|<", bare)
    markdown.encode()


def test_lines_in_a_pipe_are_never_wrapped():
    long = replace(ANSWER.citations[0], quote="chữ " * 500)
    assert len(shown(sources_view(replace(ANSWER, citations=(long,)))).splitlines()) == 4


def test_paragraphs_in_a_pipe_have_no_trailing_spaces():
    passage = replace(PASSAGE, text="Một đoạn dài hơn.\n\nHai.")
    lines = shown(search_view(SearchResult("q", "q", "vi", (passage, passage)), plain=True)).split("\n")
    assert lines == [line.rstrip() for line in lines]
    assert lines[2:6] == ["    Một đoạn dài hơn.", "", "    Hai.", ""]
    assert lines[-2:] == ["    Hai.", ""]


def test_search_with_no_passage_says_so():
    assert shown(search_view(SearchResult("q", "q", "en", ()))) == "No passage was found.\n"


def test_articles_are_one_row_each():
    text = shown(articles_view(ARTICLES, {ARTICLES[0].source: 7}))
    rows = text.splitlines()
    assert len(rows) == 1 + len(ARTICLES)
    assert rows[1].split()[:2] == [ARTICLES[0].source, "2023-12-26"]
    assert " 7 " in rows[1]


def test_dates_and_labels_follow_the_language():
    assert reader_date("2023-12-26", "vi") == "26/12/2023"
    assert reader_date("2022-09", "vi-VN") == "09/2022"
    assert reader_date("2022-09", "en") == "2022-09"
    assert reader_date(None, "vi") == ""
    assert (label("sources", "vi"), label("sources", "fr")) == ("Nguồn", "Sources")


def test_follow_returns_the_answer_and_leaves_nothing_unchecked_behind():
    result = SearchResult("q", "q", "vi", ())
    stream = io.StringIO()
    events = iter([Retrieved(result), Delta("bịa đặt"), ANSWER])
    assert follow(events, terminal(stream), ProgressBars(stream)) is ANSWER
    assert "bịa đặt" not in stream.getvalue()
    with pytest.raises(EngineError):
        follow(iter([Retrieved(result), Delta("x")]), terminal(stream), ProgressBars(stream))


def test_progress_on_a_terminal_draws_and_clears():
    stream = Terminal()
    progress = ProgressBars(stream)
    progress.close()
    assert stream.getvalue() == ""
    progress("embedding", 0, 0)
    progress("embedding", 5, 10)
    progress.close()
    assert "embedding" in stream.getvalue()
    assert stream.getvalue().endswith("\x1b[2K"), "the bar is wiped away"


def test_progress_in_a_pipe_is_one_line_a_stage():
    stream = io.StringIO()
    progress = ProgressBars(stream)
    for done in range(3):
        progress("reading", done, 3)
    progress("embedding", 1, 1)
    progress.close()
    assert stream.getvalue() == "reading\nembedding\n"


# --- Markdown


def test_markdown_footnotes_carry_source_and_quote():
    text = footnoted_markdown(replace(ANSWER, notice="Chậm."))
    assert text == (
        "Ông Võ Trọng Hải chủ trì hội nghị [^1]. ~~Ông đến từ Huế.~~\n\n> Lưu ý: Chậm.\n\n"
        "[^1]: [Tổng kết năm 2023](<https://example.org/a?b=1>), Báo Hà Tĩnh, 26/12/2023 "
        f"(2023-12-26-ha-tinh\\.md): “{QUOTE}”\n"
    )


def test_a_marker_without_its_citation_is_no_footnote():
    assert "[^7]" not in footnoted_markdown(replace(ANSWER, answer="Bảy [7]."))


@pytest.mark.parametrize(
    "text",
    [
        EVIL,
        "# a",
        "- a\n+ b\n1. c\n2) d",
        "    code",
        "a\n===",
        "a\n---",
        "*a* _b_ ~~c~~ `d` $e$ | f",
        "> a",
        "<b>",
    ],
)
def test_escaped_markdown_renders_as_nothing_but_text(text):
    from markdown_it import MarkdownIt

    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(escape_markdown(text))
    inline = [child.type for token in tokens for child in token.children or []]
    assert {token.type for token in tokens} == {"paragraph_open", "inline", "paragraph_close"}
    assert set(inline) <= {"text", "softbreak", "text_special"}


# --- HTML


def test_html_is_complete():
    page = answer_html(replace(ANSWER, searched_for="khác", notice="Chậm."))
    assert '<article class="rag-answer" lang="vi"><p>Ông Võ Trọng Hải chủ trì hội nghị [1]. ' in page
    assert '<del title="Nguồn không xác nhận">Ông đến từ Huế.</del>' in page
    assert '<li value="1">' in page
    assert 'href="https://example.org/a?b=1"' in page
    assert '<time datetime="2023-12-26">26/12/2023</time>' in page
    assert f"<blockquote>{QUOTE}</blockquote>" in page
    assert "Đã tìm: khác" in page
    assert "Lưu ý: Chậm." in page


def test_html_of_not_found_shows_the_nearest_passages():
    page = sources_html(NOT_FOUND)
    assert "Nearest passages" in page
    assert "<blockquote>" not in page


def test_html_escapes_every_field():
    citation = replace(
        ANSWER.citations[0],
        title=EVIL,
        quote=EVIL,
        outlet=EVIL,
        source=EVIL,
        url='https://x/"><script>',
        published=EVIL,
    )
    passage = replace(PASSAGE, title=EVIL, text=EVIL, source=EVIL, outlet=EVIL, url="javascript:alert(1)")
    evil = replace(
        ANSWER,
        answer=EVIL,
        notice=EVIL,
        searched_for=EVIL,
        language='"><script>',
        citations=(citation,),
        sentences=(Sentence(EVIL, (), "unsupported"),),
    )
    for answer in (evil, replace(evil, citations=(), retrieved=(passage,))):
        page = answer_html(answer)
        assert "<script" not in page
        assert 'javascript:alert(1)"' not in page
        assert "{{7*7}}" in page
        assert "<del" in page


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://example.org/bài?a=1&b=2", "https://example.org/b%C3%A0i?a=1&b=2"),
        (" http://example.org ", "http://example.org"),
        ("javascript:alert(1)", ""),
        ("https:///x", ""),
        ("//example.org", ""),
        ("", ""),
        ('https://x/">', "https://x/%22%3E"),
    ],
)
def test_only_plain_web_addresses_become_links(url, address):
    assert web_address(url) == address


def test_a_bubble_shows_the_answer_with_what_is_unsupported_struck():
    assert answer_markdown(ANSWER) == r"Ông Võ Trọng Hải chủ trì hội nghị \[1\]. ~~Ông đến từ Huế.~~"


def test_the_short_answer_is_bold_on_a_terminal() -> None:
    short = replace(ANSWER, short_answer="võ trọng hải")
    text = answer_view(short).renderables[0]
    assert [text.plain[span.start : span.end] for span in text.spans if span.style == "bold"] == [
        "Võ Trọng Hải"
    ]
    assert short_spans(ANSWER) == []
    parted = replace(ANSWER, answer="Có 16 tập thể và 48 cá nhân.", short_answer="16; 48")
    assert [parted.answer[start:end] for start, end in short_spans(parted)] == ["16", "48"]
