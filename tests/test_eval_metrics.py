"""Retrieval, citation and abstention metrics against arithmetic done by hand."""

import sys
from math import log2

import numpy as np
import pytest

from eval.metrics import METRICS, abstention, citations, retrieval
from eval.metrics.citations import Cited
from rag.errors import RagError


def test_ranking_metrics_of_a_source_in_the_third_place():
    score = retrieval.score({"q": ["a", "b", "gold"]}, {"q": ["gold"]})["q"]
    assert score == pytest.approx({"R@1": 0, "R@5": 1, "R@10": 1, "MRR": 1 / 3, "nDCG@10": 1 / log2(3 + 1)})


def test_a_source_that_comes_twice_takes_one_place():
    score = retrieval.score({"q": ["a", "a", "a", "gold", "gold"]}, {"q": ["gold"]})["q"]
    assert score["MRR"] == pytest.approx(1 / 2)


def test_two_right_sources():
    score = retrieval.score({"q": ["one", "x", "two"]}, {"q": ["one", "two"]})["q"]
    assert score["R@1"] == pytest.approx(1 / 2)
    assert score["R@5"] == 1
    best = 1 / log2(2) + 1 / log2(3)
    assert score["nDCG@10"] == pytest.approx((1 / log2(2) + 1 / log2(4)) / best)


def test_a_question_without_ranking_scores_zero_and_does_not_disappear():
    scores = retrieval.score({"found": ["gold"]}, {"found": ["gold"], "lost": ["gold"]})
    assert set(scores) == {"found", "lost"}
    assert scores["lost"] == dict.fromkeys(retrieval.NAMES, 0.0)
    assert retrieval.score({}, {"lost": ["gold"]})["lost"]["R@10"] == 0


def test_a_source_beyond_the_tenth_place_does_not_count():
    ranking = [f"s{i}" for i in range(10)] + ["gold"]
    assert set(retrieval.score({"q": ranking}, {"q": ["gold"]})["q"].values()) == {0.0}


def test_without_ir_measures_there_is_a_clear_error(monkeypatch):
    monkeypatch.setitem(sys.modules, "ir_measures", None)
    with pytest.raises(RagError, match="ir-measures"):
        retrieval.score({}, {"q": ["gold"]})


RIGHT, BESIDE = Cited("gold.md", "Có 16 tập thể được khen."), Cited("other.md", "Trời hôm nay đẹp.")


def test_citation_recall_is_the_share_of_sentences_their_quotes_support():
    judge = citations.exact_quote(["16 tập thể"])
    sentences = [("Có 16 tập thể.", [RIGHT]), ("Và còn nữa.", [BESIDE]), ("Không dẫn nguồn.", [])]
    assert citations.recall(sentences, judge) == pytest.approx(1 / 3)


def test_citation_precision_counts_out_what_is_of_no_use():
    judge = citations.exact_quote(["16 tập thể"])
    # Of the two citations of a supported sentence one supports it alone, the other is not needed.
    assert citations.precision([("Có 16 tập thể.", [RIGHT, BESIDE])], judge) == pytest.approx(1 / 2)
    # No citation of an unsupported sentence counts.
    assert citations.precision(
        [("Có 16 tập thể.", [RIGHT]), ("Và.", [BESIDE, BESIDE])], judge
    ) == pytest.approx(1 / 3)


def test_citations_that_support_only_together_are_all_of_use():
    halves = [Cited("a.md", "Nghệ An và Hà Tĩnh"), Cited("b.md", "năm 2023")]
    sentence = "Nghệ An và Hà Tĩnh năm 2023."
    assert citations.words(sentence, halves)
    assert not citations.words(sentence, halves[:1])
    assert citations.precision([(sentence, halves)], citations.words) == 1


def test_gold_source_looks_at_the_source_only():
    judge = citations.gold_source(["gold.md"])
    assert citations.recall([("x", [Cited("gold.md", "gì đó")])], judge) == 1
    assert citations.recall([("16 tập thể", [Cited("other.md", "16 tập thể")])], judge) == 0


def test_no_sentences_or_citations_score_zero():
    assert citations.recall([], citations.words) == 0
    assert citations.precision([("Không dẫn nguồn.", [])], citations.words) == 0


def test_word_judge_wants_every_number_and_three_quarters_of_the_words():
    quote = [Cited("a.md", "Tỉnh tặng bằng khen cho 16 tập thể")]
    assert citations.words("Tỉnh tặng bằng khen 16 tập thể [1].", quote)
    assert not citations.words("Tỉnh tặng bằng khen 17 tập thể.", quote)
    assert citations.words("tỉnh tặng bằng huyện", quote)  # 3 of 4
    assert not citations.words("tỉnh tặng huyện xã", quote)  # 2 of 4


def test_risk_coverage_by_hand():
    curve = abstention.risk_coverage([0.9, 0.8, 0.7, 0.6], [False, True, False, True], [False] * 4)
    assert curve.risk == pytest.approx((0, 1 / 2, 1 / 3, 2 / 4))
    assert curve.coverage == pytest.approx((1 / 4, 2 / 4, 3 / 4, 1))
    assert curve.area == pytest.approx((0 + 1 / 2 + 1 / 3 + 1 / 2) / 4)
    assert curve.answered == 1


def test_equal_confidences_share_their_error():
    one = abstention.risk_coverage([0.5, 0.5], [True, False], [False, False])
    other = abstention.risk_coverage([0.5, 0.5], [False, True], [False, False])
    assert one == other
    assert one.area == pytest.approx(1 / 2)


def test_refused_questions_come_last_and_count_as_wrong():
    curve = abstention.risk_coverage([0.1, 0.9], [False, False], [False, True])
    assert curve.risk == pytest.approx((0, 1 / 2))
    assert curve.answered == 1 / 2
    assert abstention.risk_coverage([0.9] * 3, [False] * 3, [True] * 3).area == 1


def test_areas_of_many_draws_by_hand():
    sure, wrong = np.array([0.9, 0.5, 0.5, 0.1]), np.array([False, True, False, False])
    refused = np.array([False, False, False, True])
    draws = np.array([[1, 1, 1, 1], [2, 0, 2, 0], [0, 4, 0, 0], [1, 1, 0, 2]], dtype=float)
    by_hand = [
        (0 + 0.5 / 2 + 1 / 3 + 2 / 4) / 4,  # right, two that share one error, refused
        0,
        1,
        (0 + 1 / 2 + 2 / 3 + 3 / 4) / 4,
    ]
    assert abstention.areas(sure, wrong, refused, draws) == pytest.approx(by_hand)
    curve = abstention.risk_coverage(sure.tolist(), wrong.tolist(), refused.tolist())
    assert curve.area == pytest.approx(by_hand[0])


def test_no_question_has_no_area():
    assert abstention.risk_coverage([], [], []).area == 0


def test_threshold_weighs_what_is_lost_against_what_is_won():
    # Below 0.35 lie 2 of 4 unanswerable and 1 of 10 answerable; below 0.65 one more of each: 1/4 for 1/10.
    answerable, unanswerable = [0.3, 0.6] + [0.9] * 8, [0.1, 0.2, 0.5, 0.95]
    assert abstention.best_threshold(answerable, unanswerable, 0.2) == pytest.approx(0.55)
    # One of a hundred unanswerable is not worth one of ten answerable.
    assert abstention.best_threshold([0.1] + [0.9] * 9, [0.2] + [0.95] * 99, 0.2) == 0


def test_threshold_rejects_most_within_what_may_be_refused():
    answerable = [0.2, 0.5, 0.6, 0.7, 0.8, 0.9, 0.9, 0.9, 0.9, 0.9]
    unanswerable = [0.1, 0.3, 0.4, 0.55]
    # One of ten may be lost: 0.2. Then everything below 0.5 can go: three of four, midway between 0.4 and
    # 0.5.
    assert abstention.best_threshold(answerable, unanswerable, 0.10) == pytest.approx(0.45)
    # None may be lost: only 0.1 can go, midway between 0.1 and 0.2.
    assert abstention.best_threshold(answerable, unanswerable, 0.0) == pytest.approx(0.15)


def test_threshold_is_zero_when_rejecting_costs_too_much():
    assert abstention.best_threshold([0.1, 0.2], [0.8, 0.9], 0.1) == pytest.approx(0.0)


def test_every_metric_is_documented():
    assert len({metric.key for metric in METRICS}) == len(METRICS)
    assert all(metric.title and metric.formula for metric in METRICS)
