"""The sentences of a passage that are read, and the way back to where they stand."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rag.excerpt import CHARACTERS, SENTENCES, excerpt
from rag.sentences import sentence_spans
from rag.types import Passage

LONG = [
    f"Câu thứ {n} nói dài dòng về việc trồng rừng ở thôn {n}, xã Phú Lâm, trong mùa mưa." for n in range(1, 7)
]
START = 500


def passage(text: str, scores: list[float]) -> Passage:
    spans = tuple((a + START, b + START) for a, b in sentence_spans(text))
    return Passage(
        "p", "p", START, START + len(text), text, 1, 1, 1, sentences=spans, sentence_scores=tuple(scores)
    )


def test_the_best_sentences_are_read_in_the_passage_s_order() -> None:
    text = " ".join(LONG)
    shown = excerpt(passage(text, [0.1, 0.9, 0.2, 0.1, 0.8, 0.7]))
    assert shown.text == " ".join([LONG[1], LONG[4], LONG[5]])
    at = shown.text.index("thôn 5")
    start, end = shown.place(at, at + len("thôn 5"))
    assert text[start:end] == "thôn 5"
    assert start == text.index("thôn 5")


def test_a_span_over_a_gap_keeps_its_longer_part() -> None:
    text = " ".join(LONG)
    shown = excerpt(passage(text, [0.1, 0.9, 0.2, 0.1, 0.8, 0.7]))
    gap = shown.text.index("Câu thứ 5")
    start, end = shown.place(gap - 5, gap + len("Câu thứ 5"))
    assert text[start:end] == "Câu thứ 5"


def test_short_lines_are_read_until_there_is_something_to_read() -> None:
    lines = [f"- Mục {n}: lúa, ngô." for n in range(40)]
    shown = excerpt(passage("\n".join(lines), [1 - n / 100 for n in range(40)]))
    assert len(shown.text) >= CHARACTERS
    assert shown.text.count("Mục") > SENTENCES


def test_without_sentence_scores_all_is_read() -> None:
    text = " ".join(LONG)
    assert excerpt(passage(text, [])).text == text


def test_blanked_sentences_are_not_read() -> None:
    text = " ".join([LONG[0], " " * len(LONG[1]), *LONG[2:]])
    spans = [(text.index(s) + START, text.index(s) + START + len(s)) for s in (LONG[0], *LONG[2:])]
    spans.insert(1, (START + len(LONG[0]) + 1, START + len(LONG[0]) + 1 + len(LONG[1])))
    given_passage = Passage(
        "p",
        "p",
        START,
        START + len(text),
        text,
        1,
        1,
        1,
        sentences=tuple(spans),
        sentence_scores=(0.5, 0.9, 0.8, 0.7, 0.1, 0.1),
    )
    assert "Câu thứ 2" not in excerpt(given_passage).text
    assert LONG[2] in excerpt(given_passage).text


@given(st.lists(st.floats(0, 1), min_size=6, max_size=6), st.data())
def test_every_place_holds_the_words_that_were_read(scores: list[float], data: st.DataObject) -> None:
    text = " ".join(LONG)
    shown = excerpt(passage(text, scores))
    start = data.draw(st.integers(0, len(shown.text) - 1))
    end = data.draw(st.integers(start + 1, len(shown.text)))
    first, last = shown.place(start, end)
    assert text[first:last] in shown.text[start:end]
    for begin, origin, length in shown.pieces:
        assert shown.text[begin : begin + length] == text[origin : origin + length]
