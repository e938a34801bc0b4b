"""However a marker is cut or written, a citation points at words that stand in the file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.citations import (
    DraftBuilder,
    Marker,
    Numbering,
    Quote,
    Statement,
    bind,
    parse_markers,
    statements,
    with_markers,
)
from rag.evidence import Evidence, render_evidence, select_evidence
from rag.sentences import sentence_spans
from rag.types import Passage

TEXT = (
    "Sáng 5/9/2021, trường khai giảng. Hiệu trưởng Trần Thị Mận đánh trống. "
    "Có 412 học sinh, trong đó 80 em vào lớp một."
)


def passage(text: str = TEXT, start: int = 100, source: str = "a.md", **fields: object) -> Passage:
    spans = tuple((start + a, start + b) for a, b in sentence_spans(text))
    return Passage(
        id=f"{source}-{start}",
        source=source,
        start=start,
        end=start + len(text),
        text=text,
        score=0.9,
        dense=0.9,
        lexical=0.5,
        title="Khai giảng",
        sha256="ab" * 32,
        sentences=spans,
        **fields,  # type: ignore[arg-type]
    )


def parsed(*pieces: str) -> list[str | Marker]:
    """Pieces of parse_markers, neighbouring texts joined."""
    joined: list[str | Marker] = []
    for piece in parse_markers(pieces, ["WQ", "JX"]):
        if isinstance(piece, str) and joined and isinstance(joined[-1], str):
            joined[-1] += piece
        elif piece != "":
            joined.append(piece)
    return joined


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mận [WQ].", ["Mận ", Marker(("WQ",)), "."]),
        ("Mận [WQ, JX]", ["Mận ", Marker(("WQ", "JX"))]),
        ("Mận 【WQ】", ["Mận ", Marker(("WQ",))]),
        ("Mận ［WQ；JX］", ["Mận ", Marker(("WQ", "JX"))]),
        ("Mận [WQ][JX]", ["Mận ", Marker(("WQ",)), Marker(("JX",))]),
        ("Mận [ZZ]", ["Mận ", Marker(())]),
        ("Mận [1]", ["Mận ", Marker(())]),
        ("Mận [1, 2]", ["Mận ", Marker(())]),
        ("Mận [sic] nói", ["Mận [sic] nói"]),
        ("a [ b", ["a [ b"]),
        ("Mận [WQ", ["Mận "]),
        ("[[WQ]]", ["[", Marker(("WQ",)), "]"]),
        ("Mận ［ＷＱ］", ["Mận ", Marker(("WQ",))]),
        ("Mận [wq]", ["Mận ", Marker(("WQ",))]),
        ("Mận [WQ.]", ["Mận ", Marker(("WQ",))]),
        ("Mận [Nguồn: WQ]", ["Mận ", Marker(("WQ",))]),
        ("Mận [WQ, ZZ]", ["Mận ", Marker(("WQ",))]),
        ("Mận 【1†source】", ["Mận ", Marker(())]),
        ("Mận [^1]", ["Mận ", Marker(())]),
        ("Mận [1, trang 2]", ["Mận ", Marker(())]),
        ("Chúng ta […] thắng [...]", ["Chúng ta […] thắng [...]"]),
        ("Mận [WQ trao quà]", ["Mận [WQ trao quà]"]),
    ],
)
def test_markers_are_found_in_all_their_forms(text: str, expected: list) -> None:
    assert parsed(text) == expected


@given(st.text(alphabet="ab [WQJX],1.", max_size=60), st.lists(st.integers(1, 5), max_size=30))
def test_the_cutting_of_the_stream_changes_nothing(text: str, lengths: list[int]) -> None:
    pieces, at = [], 0
    for length in lengths:
        pieces.append(text[at : at + length])
        at += length
    assert parsed(*pieces, text[at:]) == parsed(text)


@given(st.text(alphabet=st.characters(exclude_characters="[]［］【】〔〕")))
def test_text_without_brackets_comes_out_as_it_went_in(text: str) -> None:
    assert "".join(str(piece) for piece in parse_markers([text], ["WQ"])) == text


def build(text: str) -> list[Statement]:
    builder = DraftBuilder()
    for piece in parse_markers([text], ["WQ", "JX"]):
        builder.add(piece)
    return statements(builder.draft())


def test_a_marker_belongs_to_the_sentence_it_closes() -> None:
    assert build("Bà Mận đánh trống [WQ]. Có 412 em. [JX]") == [
        Statement("Bà Mận đánh trống.", ("WQ",)),
        Statement("Có 412 em.", ("JX",)),
    ]


def test_a_sentence_without_marker_stays_without() -> None:
    assert build("Bà Mận đánh trống. Có 412 em [JX].") == [
        Statement("Bà Mận đánh trống.", ()),
        Statement("Có 412 em.", ("JX",)),
    ]


EVIDENCE = [
    Evidence("WQ", (passage(),), ()),
    Evidence("JX", (passage("Thư viện có 8.500 sách.", 0, "b.md"),), ()),
]


def test_a_statement_is_bound_to_the_sentence_that_carries_it() -> None:
    (quote,) = bind(Statement("Trần Thị Mận", ("WQ",)), EVIDENCE, "vi")
    assert quote.text == "Hiệu trưởng Trần Thị Mận đánh trống."
    assert (quote.start, quote.end) == (134, 170)


def test_without_a_marker_all_passages_are_looked_through() -> None:
    (quote,) = bind(Statement("8.500 sách", ()), EVIDENCE, "vi")
    assert quote.passage.source == "b.md"


def test_two_sentences_are_quoted_when_one_does_not_carry_all() -> None:
    quotes = bind(Statement("Trần Thị Mận, ngày 5/9/2021", ("WQ",)), EVIDENCE, "vi")
    assert sorted(quote.start for quote in quotes) == [100, 134]


@given(st.text(max_size=80), st.sampled_from([(), ("WQ",), ("JX",), ("WQ", "JX")]))
def test_a_quote_always_stands_in_its_passage(text: str, codes: tuple[str, ...]) -> None:
    for quote in bind(Statement(text, codes), EVIDENCE, "vi"):
        offset = quote.passage.start
        assert quote.text == quote.passage.text[quote.start - offset : quote.end - offset]
        assert (quote.start, quote.end) in quote.passage.sentences


def test_numbers_follow_first_appearance_and_are_reused() -> None:
    numbering = Numbering()
    first, second = Quote(passage(), 134, 170), Quote(passage(), 100, 133)
    assert [numbering.number(q) for q in (first, second, first)] == [1, 2, 1]
    assert [c.n for c in numbering.citations] == [1, 2]
    assert numbering.citations[0].quote == "Hiệu trưởng Trần Thị Mận đánh trống."
    assert with_markers("Bà Mận.", [1, 2]) == "Bà Mận. [1][2]"


def test_evidence_takes_the_best_sentence_and_the_one_behind_it() -> None:
    scored = passage(sentence_scores=(0.1, 0.9, 0.2))
    (evidence,) = select_evidence("?", [scored], sentences=1)
    assert (
        evidence.text == "Hiệu trưởng Trần Thị Mận đánh trống. Có 412 học sinh, trong đó 80 em vào lớp một."
    )
    assert "[" + evidence.code + "] Khai giảng\n" in render_evidence([evidence])


def test_a_sentence_that_holds_a_number_is_preferred_where_one_is_asked_for() -> None:
    scored = passage(sentence_scores=(0.5, 0.5, 0.5))
    (evidence,) = select_evidence("Có bao nhiêu học sinh?", [scored], sentences=1)
    assert evidence.text.startswith("Sáng 5/9/2021")
    (evidence,) = select_evidence("Ai đánh trống?", [scored], sentences=1)
    assert evidence.text.startswith("Hiệu trưởng Trần Thị Mận")


def test_left_out_sentences_show_as_an_ellipsis() -> None:
    whole = passage()
    evidence = Evidence("WQ", (whole,), ((whole, whole.sentences[0]), (whole, whole.sentences[2])))
    assert evidence.text.startswith("Sáng 5/9/2021, trường khai giảng. … Có 412")


def test_codes_never_stand_in_the_articles() -> None:
    wanted = select_evidence("?", [passage("WA WB JA là mã.", 0), passage("Khác.", 50, "b.md")])
    assert len(wanted) == 2
    assert not {e.code for e in wanted} & {"WA", "WB", "JA"}


def test_passages_of_one_article_are_shown_together_in_reading_order() -> None:
    later, earlier = passage("Sau đó là hát.", 300), passage("Trước hết là trống.", 100)
    (evidence,) = select_evidence("?", [later, earlier])
    assert evidence.text == "Trước hết là trống. … Sau đó là hát."
    assert evidence.passages == (later, earlier)


def test_a_code_that_was_mixed_up_does_not_move_the_citation() -> None:
    (quote,) = bind(Statement("8.500 sách", ("WQ",)), EVIDENCE, "vi")
    assert quote.passage.source == "b.md"


def test_between_equals_the_named_passage_wins() -> None:
    twins = [Evidence("WQ", (passage(source="a.md"),), ()), Evidence("JX", (passage(source="b.md"),), ())]
    (quote,) = bind(Statement("Trần Thị Mận", ("JX",)), twins, "vi")
    assert quote.passage.source == "b.md"
