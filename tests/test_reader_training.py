"""Promises of the reader's training data: answers stay at their offsets, stopping changes nothing."""

from __future__ import annotations

import random
import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import eval.reader
from eval.reader.data import Cutter, Example, Source, Stream, token_span
from eval.reader.export import averaged
from eval.reader.made import Maker
from eval.reader.rivals import Rivals, nearness
from eval.reader.switch import Switcher
from eval.reader.written import KEPT, read_written, thin

HERE = Path(eval.reader.__file__).parent


class WordTokenizer:
    """One token a word; a word's id is its number plus 10, or a hash for other words."""

    def encode(self, text: str, add_special_tokens: bool = True) -> SimpleNamespace:
        words = list(re.finditer(r"\S+", text))
        return SimpleNamespace(
            ids=[int(w[0]) + 10 if w[0].isdigit() else 5 for w in words], offsets=[w.span() for w in words]
        )


CONTEXT = " ".join(str(n) for n in range(100, 400))


def example(answer: str) -> Example:
    return Example("what ?", CONTEXT, answer, CONTEXT.index(answer), "g")


@pytest.mark.parametrize("answer", ["100", "250 251", "399"])
def test_the_answer_lies_inside_the_window_at_its_place(answer: str) -> None:
    cutter = Cutter(WordTokenizer())
    for seed in range(20):
        window = cutter.cut(example(answer), 60, random.Random(seed))
        assert window is not None
        assert len(window.ids) <= 60
        first, last = window.span
        assert " ".join(str(i - 10) for i in window.ids[first : last + 1]) == answer
        assert window.passage <= first <= last < len(window.ids) - 1


def test_a_window_that_shall_miss_the_answer_does_not_hold_it() -> None:
    cutter = Cutter(WordTokenizer())
    for seed in range(20):
        window = cutter.cut(example("250"), 100, random.Random(seed), miss=True)
        if window is not None:
            assert 260 not in window.ids
            assert window.span == (0, 0)


def test_token_span_takes_every_token_it_touches() -> None:
    assert token_span([(0, 3), (3, 3), (4, 8), (8, 12)], 2, 9) == (0, 3)
    assert token_span([(0, 3)], 5, 6) is None


def make_stream() -> Stream:
    sources = [
        Source(name, [example(str(n)) for n in range(low, low + 50)], weight=1.0, sibling=0.2, miss=0.2)
        for name, low in (("a", 100), ("b", 300))
    ]
    return Stream(sources, Cutter(WordTokenizer()), tokens=400, seed=3)


def test_a_stopped_stream_goes_on_where_it_was() -> None:
    whole = make_stream()
    expected = [whole.next() for _ in range(12)]
    first = make_stream()
    for _ in range(5):
        first.next()
    second = make_stream()
    second.state.update(first.state)
    assert [second.next() for _ in range(7)] == expected[5:]


def test_no_batch_is_larger_than_asked() -> None:
    stream = make_stream()
    assert all(sum(len(w.ids) for w in stream.next()) <= 400 for _ in range(20))


def test_made_up_answers_stand_where_they_say() -> None:
    maker, rng = Maker(HERE), random.Random(5)
    examples = [maker.example(rng) for _ in range(400)]
    answered = [e for e in examples if not e.impossible]
    assert 0.7 < len(answered) / len(examples) < 0.9
    assert all(e.context[e.start : e.start + len(e.answer)] == e.answer for e in answered)
    assert not any("{" in e.context + e.question for e in examples)


def test_every_template_says_the_same_in_both_languages() -> None:
    for template in Maker(HERE).templates:
        gaps = [set(re.findall(r"\{(\w+)\}", sentence)) for sentence in template.sentence]
        assert gaps[0] == gaps[1], template.sentence
        for gap, sides in template.questions:
            for question in sides[0] + sides[1]:
                asked = set(re.findall(r"\{(\w+)\}", question))
                assert asked <= gaps[0], question
                assert gap not in asked, question


def test_switched_examples_keep_their_answer_at_its_place() -> None:
    switcher = Switcher(HERE / "switch.txt")
    context = "Kota terbesar di negara itu adalah Jakarta, yang didirikan pada tahun 1527."
    source = Example("Kapan kota itu didirikan?", context, "tahun 1527", context.index("tahun 1527"), "g")
    changed = [switcher(source, random.Random(seed)) for seed in range(40)]
    assert all(e.context[e.start : e.start + len(e.answer)] == e.answer for e in changed)
    assert any("khi nào" in e.question.lower() for e in changed)
    assert any("when" in e.question.lower() for e in changed)


def test_every_written_answer_stands_in_its_paragraph() -> None:
    files = sorted((HERE / "written").glob("*.txt"))
    examples = [example for path in files for example in read_written(path)]
    assert len(examples) > 10_000
    for example in examples:
        if not example.impossible:
            assert example.context[example.start : example.start + len(example.answer)] == example.answer
    assert len({(example.question, example.context) for example in examples}) == len(examples)


def test_a_bracket_tells_which_of_two_places_is_meant(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(
        "@ Lúa\nNăm 2001 gặt 5 tấn, năm 2002 gặt 5 tấn.\n? Năm sau gặt mấy tấn? => 2002 gặt [5 tấn]\n"
        "! Năm 2003 gặt mấy tấn?\n~ How much in 2001? => 5 tấn\n",
        encoding="utf-8",
    )
    second, impossible, first = read_written(path)
    assert second.context[second.start :] == "5 tấn."
    assert first.start < second.start
    assert impossible.impossible


@pytest.mark.parametrize("body", ["Ba con gà.\n? Mấy con? => bốn\n", "Ba con gà.\nBốn con vịt.\n"])
def test_a_damaged_block_is_named_with_its_line(tmp_path: Path, body: str) -> None:
    path = tmp_path / "a.txt"
    path.write_text("@ Gà\n" + body, encoding="utf-8")
    with pytest.raises(ValueError, match="line 3"):
        read_written(path)


def test_thinned_examples_keep_their_answer_or_lose_it_whole() -> None:
    context = " ".join(f"Câu {n} nói về thôn số {n} của xã." for n in range(8))
    whole = Example("Thôn nào?", context, "thôn số 5", context.index("thôn số 5"), "g")
    rng = random.Random(4)
    shorter = [thin(whole, rng) for _ in range(200)]
    assert {example.impossible for example in shorter} == {True, False}
    for example in shorter:
        if example.impossible:
            assert "thôn số 5" not in example.context
        else:
            assert example.context[example.start :].startswith("thôn số 5")
    assert any(example.context.count("Câu") == KEPT for example in shorter)


def test_what_is_read_besides_the_answer_is_often_what_comes_near_it() -> None:
    near = ["Thôn năm có chợ.", "Thôn sáu có trường.", "Thôn bảy có chùa."]
    others = [f"Mưa rơi đều suốt {word}." for word in ("sáng", "trưa", "chiều", "đêm", "tuần", "tháng")]
    context = " ".join([*others, *near])
    asked = Example("Thôn nào có chợ?", context, "Thôn năm", context.index("Thôn năm"), "g")
    assert nearness(asked.question, near[1]) > nearness(asked.question, others[0])
    rng = random.Random(2)
    read = [example.context for _ in range(200) if not (example := thin(asked, rng)).impossible]
    short = [text for text in read if text.count(".") == KEPT]
    assert sum(text == " ".join(near) for text in short) > len(short) / 3


def test_rivals_come_near_a_question_and_do_not_answer_it() -> None:
    own = "Chợ của thôn năm họp vào ngày rằm."
    near = "Chợ của thôn sáu họp vào ngày mồng một."
    same = "Hội của thôn năm mở vào ngày rằm."
    far = [f"Đàn trâu số {n} gặm cỏ ven sông." for n in range(12)]
    rivals = Rivals([*far, own, near, same])
    assert rivals("Chợ của thôn năm họp vào ngày nào?", own, "ngày rằm")[0] == near
    assert rivals("When is the market held?", own, "ngày rằm")[0] == near
    assert not {own, same} & set(rivals("Chợ họp vào ngày nào?", own, "ngày rằm"))


def test_a_rival_takes_the_place_of_a_sibling() -> None:
    examples = [Example("Chợ nào?", f"Chợ {n} ở đây.", f"Chợ {n}", 0, str(n)) for n in range(3)]
    source = Source("a", examples, weight=1, rivals=lambda *_: ["Không có chợ."])
    turned = source._sibling(examples[0], random.Random(1))
    assert (turned.context, turned.impossible) == ("Không có chợ.", True)


def test_checkpoints_are_averaged_by_their_shares() -> None:
    ends = [{"w": np.array([0.0, 2.0], np.float32)}, {"w": np.array([4.0, 2.0], np.float32)}]
    assert averaged(ends, [3, 1])["w"].tolist() == [1.0, 2.0]
    assert averaged(ends, [1, 1])["w"].dtype == np.float32
