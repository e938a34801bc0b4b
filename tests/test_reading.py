"""Passages read together: the best span wins, ties go to the better passage; a sentence for an answer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rag.extract import best_sentences, span_quote
from rag.fusion import logistic
from rag.reader import NOTHING, Reader, Span, load_reader
from rag.reader_network import in_openvino, in_torch, load_weights, quantise, save_weights
from rag.reading import HIGHEST, PASSAGES, PRIOR, SAME, Reading, logit, read_passages
from rag.settings import Settings
from rag.types import Passage

TEXT = "Trường mở cửa năm 1998. Hiệu trưởng Trần Thị Mận đánh trống. Có 52 học sinh."
SENTENCES = ((100, 123), (124, 160), (161, 177))


def passage(source: str, score: float) -> Passage:
    return Passage(
        source, source, 100, 177, TEXT, score, 0.5, 0.5, sentences=SENTENCES, sentence_scores=(0.2, 0.9, 0.8)
    )


class Queue:
    """Hands out spans in order and remembers how many passages it was given each time."""

    def __init__(self, *spans: Span) -> None:
        self.spans = list(spans)
        self.asked: list[tuple[str, int]] = []

    def read(self, question: str, passages: Sequence[str]) -> list[Span]:
        self.asked.append((question, len(passages)))
        given, self.spans = self.spans[: len(passages)], self.spans[len(passages) :]
        return given


def span(words: str, score: float) -> Span:
    start = TEXT.index(words)
    return Span(start, start + len(words), words, score)


def test_the_best_span_of_all_passages_wins_and_its_offsets_are_the_articles() -> None:
    reader = Queue(span("1998", 1.0), span("Trần Thị Mận", 9.0))
    reading = read_passages(reader, "Ai?", [passage("a", 0.5), passage("b", 0.5)], 0.7, True)
    assert reading is not None
    assert (reading.passage.source, reading.text, reading.margin) == ("b", "Trần Thị Mận", 9.0)
    assert TEXT[reading.start - 100 : reading.end - 100] == "Trần Thị Mận"


def test_a_tie_goes_to_the_better_passage() -> None:
    reader = Queue(span("52", 3.0), span("1998", 3.0))  # the better passage is read first
    reading = read_passages(reader, "?", [passage("a", 0.6), passage("b", 0.9)], 0.7, True)
    assert reading is not None
    assert reading.passage.source == "b"


def test_the_confidence_is_the_weighed_sum_in_logits() -> None:
    reading = read_passages(Queue(span("52", 2.0)), "?", [passage("a", 0.5)], 0.8, True)
    assert reading is not None
    expected = SAME.retrieval * math.log(0.8 / 0.2) + SAME.margin * 2.0 - SAME.even
    assert reading.confidence == pytest.approx(logistic(expected))


def test_a_passage_score_moves_the_choice_by_the_prior() -> None:
    lead = PRIOR * (logit(0.9) - logit(0.5))
    for margin, winner in ((lead + 0.1, "a"), (lead - 0.1, "b")):
        reader = Queue(span("52", 0.0), span("1998", margin))
        reading = read_passages(reader, "?", [passage("a", 0.5), passage("b", 0.9)], 0.5, True)
        assert reading is not None
        assert reading.passage.source == winner


def test_only_the_first_passages_are_read_and_nothing_gives_nothing() -> None:
    reader = Queue(*[NOTHING] * 9)
    assert read_passages(reader, "?", [passage(str(i), 0.5) for i in range(9)], 0.5, True) is None
    assert reader.asked == [("?", 1), ("?", PASSAGES - 1)]


def test_a_passage_too_far_behind_to_win_is_not_read() -> None:
    scores = (0.99, 0.5, 0.01)
    ahead = PRIOR * (logit(0.99) - logit(0.5))
    for margin, read in ((HIGHEST - ahead + 0.1, 1), (HIGHEST - ahead - 0.1, 2)):
        reader = Queue(span("1998", margin), span("52", 0.0), span("52", 0.0))
        passages = [passage(str(i), score) for i, score in enumerate(scores)]
        reading = read_passages(reader, "?", passages, 0.7, True)
        assert reading is not None
        assert reading.text == "1998"
        assert sum(count for _, count in reader.asked) == read


def test_one_fact_is_answered_by_the_sentence_of_the_span_alone() -> None:
    reading = read_passages(Queue(span("1998", 2.0)), "?", [passage("a", 0.5)], 0.8, True)
    assert reading is not None
    assert [q.text for q in best_sentences([reading.passage], reading, True)] == ["Trường mở cửa năm 1998."]
    both = best_sentences([reading.passage], reading, False)
    assert [q.text for q in both] == [
        "Trường mở cửa năm 1998.",
        "Hiệu trưởng Trần Thị Mận đánh trống.",
    ]


def test_without_a_reader_the_best_sentences_answer() -> None:
    quotes = best_sentences([passage("a", 0.5)], None, True)
    assert [q.text for q in quotes] == ["Hiệu trưởng Trần Thị Mận đánh trống.", "Có 52 học sinh."]


def test_a_span_over_two_sentences_brings_both() -> None:
    reading = read_passages(Queue(span("đánh trống. Có 52", 2.0)), "?", [passage("a", 0.5)], 0.8, True)
    assert reading is not None
    assert span_quote(reading).text == "Hiệu trưởng Trần Thị Mận đánh trống. Có 52 học sinh."
    bare = replace(reading, passage=replace(reading.passage, sentences=()))
    assert span_quote(bare).text == "đánh trống. Có 52"


def test_a_quote_does_not_reach_over_a_blanked_sentence() -> None:
    reading = read_passages(
        Queue(span("1998. Hiệu trưởng Trần Thị Mận đánh trống. Có", 2.0)), "?", [passage("a", 0.5)], 0.8, True
    )
    assert reading is not None
    holed = replace(reading, passage=replace(reading.passage, sentences=(SENTENCES[0], SENTENCES[2])))
    assert span_quote(holed).text == "Trường mở cửa năm 1998."


@pytest.mark.parametrize(
    ("words", "answer", "agrees"),
    [
        ("Trần Thị Mận", "Hiệu trưởng Trần Thị Mận", True),
        ("Trần Thị Mận", "Bà Trần Thị Hoa đánh trống", False),
        ("52", "52 học sinh", True),
        ("52 học sinh", "48 học sinh", False),
        ("năm 1998", "1998", True),
        ("năm 1998", "năm 1997", False),
    ],
)
def test_another_name_or_number_is_no_agreement(words: str, answer: str, agrees: bool) -> None:
    reading = read_passages(Queue(span(words, 2.0)), "?", [passage("a", 0.5)], 0.8, True)
    assert reading is not None
    assert reading.agrees(answer) is agrees


def small_weights() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(5)
    shapes = {
        "positions.weight": (16, 64),
        "types.weight": (1, 64),
        "norm.weight": (64,),
        "norm.bias": (64,),
        "head.weight": (2, 64),
        "head.bias": (2,),
    }
    for i in range(2):
        for name, shape in (("qkv", (192, 64)), ("out", (64, 64)), ("up", (128, 64)), ("down", (64, 128))):
            shapes |= {f"layers.{i}.{name}.weight": shape, f"layers.{i}.{name}.bias": shape[:1]}
        for name in ("attention_norm", "output_norm"):
            shapes |= {f"layers.{i}.{name}.weight": (64,), f"layers.{i}.{name}.bias": (64,)}
    return {name: rng.normal(0, 0.3, shape).astype(np.float32) for name, shape in shapes.items()}


def test_eight_bits_change_a_matrix_by_half_a_step_at_most() -> None:
    matrix = np.random.default_rng(1).normal(size=(7, 50)).astype(np.float32)
    stored, scale = quantise(matrix)
    steps = np.abs(stored * scale.astype(np.float32) - matrix) / scale
    assert stored.dtype == np.int8
    assert steps.max() <= 0.5 + 0.1  # a tenth for the scale's own half precision


def test_openvino_and_torch_give_the_same_logits(tmp_path: Path) -> None:
    save_weights(small_weights(), tmp_path / "w.safetensors")
    weights = load_weights(tmp_path / "w.safetensors")
    assert set(weights) == set(small_weights())
    embeddings = np.random.default_rng(2).normal(size=(2, 9, 64)).astype(np.float32)
    mask = np.ones((2, 9), np.int64)
    mask[1, 5:] = 0
    ours, plain = in_openvino(weights)(embeddings, mask), in_torch(weights)(embeddings, mask)
    assert ours.shape == plain.shape == (2, 9, 2)
    np.testing.assert_allclose(ours[mask == 1], plain[mask == 1], atol=0.05)
    changed = embeddings.copy()
    changed[1, 5:] += 9
    np.testing.assert_allclose(in_torch(weights)(changed, mask)[1, :5], plain[1, :5], atol=1e-5)


@pytest.fixture(scope="module")
def reader(real_settings: Settings) -> Reader:
    return load_reader(real_settings)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Ai đánh trống khai giảng?", "Trần Thị Mận"),
        ("Trường mở cửa năm nào?", "1998"),
        ("How many pupils are there?", "52"),
    ],
)
def test_the_shipped_reader_reads(reader: Reader, question: str, expected: str) -> None:
    (found,) = reader.read(question, [TEXT])
    assert TEXT[found.start : found.end] == found.text
    assert expected in found.text


@pytest.mark.slow
def test_the_shipped_reader_prefers_the_passage_that_answers(reader: Reader) -> None:
    other = "Con đường mới dài 12 km, nối hai xã ven biển. Mùa mưa nước dâng cao."
    right, wrong = reader.read("Ai đánh trống khai giảng?", [TEXT, other])
    assert right.score > wrong.score


@pytest.mark.slow
def test_a_long_passage_is_read_to_its_end(reader: Reader) -> None:
    long = "Chợ họp vào buổi sáng và bán nhiều cá. " * 80 + TEXT
    (found,) = reader.read("Ai đánh trống khai giảng?", [long])
    assert long[found.start : found.end] == found.text
    assert "Mận" in found.text


def test_scripts_without_spaces_agree_by_their_characters() -> None:
    read = Reading(replace(passage("a", 0.5), text="会议在北京举行", start=0), 0, 7, 1.0, 0.9)
    assert read.agrees("北京")
    assert not read.agrees("上海")
