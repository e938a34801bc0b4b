"""Every assistant gets the scores that it deserves: the good one, and each of the broken ones."""

import numpy as np
import pytest
from eval_fakes import QUESTIONS, AlwaysFirstPassage, AlwaysRefusing, Failing, Fake, RightTextWrongSource

from eval import intervals
from eval.dataset import Dataset, Question, in_mode
from eval.metrics import PER_QUESTION
from eval.run import Run, RunError, run
from eval.score import score, score_row
from eval.slices import kind_of


def scores_of(assistant, tmp_path, dataset=QUESTIONS):
    return score(run(dataset, assistant, tmp_path / "run.jsonl"))


def figures(assistant, tmp_path):
    return {key: estimate.value for key, estimate in scores_of(assistant, tmp_path).summary.items()}


PERFECT = [
    "R@1",
    "R@5",
    "R@10",
    "MRR",
    "nDCG@10",
    "contains",
    "facts",
    "right",
    "quote_recall",
    "quote_precision",
    "source_recall",
    "source_precision",
    "words_recall",
    "words_precision",
    "verbatim",
    "support",
]


def test_a_good_assistant(tmp_path):
    got = figures(Fake(), tmp_path)
    assert {key: got[key] for key in PERFECT} == dict.fromkeys(PERFECT, 1.0)
    assert got["refused"] == got["fooled"] == got["risk"] == 0
    assert got["em"] == 0
    # "Vinh" in 6 words, "48" in 6, "Đồng Hới" in 8: 2·1/(6+1), 2·1/(6+1), 2·2/(8+2).
    assert got["f1"] == pytest.approx((2 / 7 + 2 / 7 + 4 / 10) / 3)
    # Sure and right three times; the refused fourth counts as wrong at the end: (0 + 0 + 0 + 1/4) / 4.
    assert got["aurc"] == pytest.approx(1 / 16)
    assert (got["prompt_tokens"], got["answer_tokens"]) == (100, 10)


def test_always_refusing_gains_nothing_but_the_unanswerable(tmp_path):
    got = figures(AlwaysRefusing(), tmp_path)
    for key in (
        "em",
        "f1",
        "contains",
        "facts",
        "quote_recall",
        "source_recall",
        "source_precision",
        "words_recall",
    ):
        assert got[key] == 0, key
    assert got["right"] == pytest.approx(1 / 4)
    assert got["refused"] == 1
    assert got["fooled"] == 0
    assert got["aurc"] == 1
    assert not {"risk", "support", "verbatim"} & set(got)


def test_always_the_first_passage(tmp_path):
    got = figures(AlwaysFirstPassage(), tmp_path)
    assert got["R@1"] == pytest.approx(1 / 3)
    assert got["MRR"] == pytest.approx((1 + 1 / 2 + 1 / 2) / 3)
    assert got["contains"] == pytest.approx(1 / 3)
    assert got["right"] == pytest.approx(1 / 4)
    assert got["quote_recall"] == got["source_recall"] == pytest.approx(1 / 3)
    # Its sentences are copied, so their words stand in the quotes: that judge alone sees nothing wrong.
    assert got["words_recall"] == got["verbatim"] == got["support"] == 1
    assert (got["refused"], got["fooled"]) == (0, 1)
    assert got["risk"] == pytest.approx(3 / 4)
    # Equally sure of everything: the risk is 3/4 at every coverage.
    assert got["aurc"] == pytest.approx(3 / 4)


def test_right_text_with_wrong_source(tmp_path):
    got = figures(RightTextWrongSource(), tmp_path)
    assert got["contains"] == got["quote_recall"] == got["R@1"] == 1
    assert got["source_recall"] == got["source_precision"] == got["verbatim"] == 0


def test_a_failure_scores_zero_and_does_not_disappear(tmp_path):
    scores = scores_of(Failing(), tmp_path)
    assert scores.errors == 1
    for key in ("R@1", "contains", "right", "quote_recall", "source_precision"):
        assert scores.values[1][key] == 0
        assert scores.summary[key].n == (4 if key == "right" else 3)
    assert scores.summary["contains"].value == pytest.approx(2 / 3)
    assert scores.values[1]["refused"] == 0  # it did not refuse, it failed


def test_a_failure_at_an_unanswerable_question_is_no_refusal():
    row = {"id": "q", "question": "?", "answerable": False, "answers": [], "sources": [], "error": "broke"}
    values = score_row(row)
    assert (values["right"], values["fooled"]) == (0, 1)


def test_an_incomplete_run_is_not_scored():
    with pytest.raises(RunError, match="0 of 4"):
        score(Run({"questions": 4}, []))


def test_where_nothing_can_be_answered_there_is_no_risk_coverage_curve(tmp_path):
    summary = scores_of(Fake(), tmp_path, in_mode(Dataset("d", QUESTIONS.questions[:2]), "removed")).summary
    assert summary["fooled"].value == 1
    assert "aurc" not in summary


def test_all_of_wants_every_fact(tmp_path):
    base = QUESTIONS.questions[0]
    half = Question(base.id, base.question, sources=base.sources, all_of=(("Vinh",), ("16 tập thể",)))
    (values,) = scores_of(Fake(), tmp_path, Dataset("d", (half,))).values
    assert values["facts"] == 1 / 2
    assert values["contains"] == values["right"] == 0


def test_another_accepted_answer_counts(tmp_path):
    base = QUESTIONS.questions[0]
    other = Question(
        base.id, base.question, answers=("thành Vinh",), accepted=("Vinh",), sources=base.sources
    )
    (values,) = scores_of(Fake(), tmp_path, Dataset("d", (other,))).values
    assert values["contains"] == 1


def test_slices_hold_the_questions_they_name(tmp_path):
    slices = scores_of(Fake(), tmp_path).slices
    assert {name: each["right"].n for name, each in slices["language"].items()} == {"vi": 3, "en": 1}
    assert {name: each["right"].n for name, each in slices["diacritics"].items()} == {
        "as written": 3,
        "without": 1,
    }
    assert {name: each["right"].n for name, each in slices["source"].items()} == {"binh.md": 2, "an.md": 1}
    assert {name: each["right"].n for name, each in slices["articles"].items()} == {"one": 3}
    assert slices["answerable"]["no"]["fooled"].value == 0
    assert "f1" not in slices["answerable"]["no"]


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Ai chủ trì hội nghị?", "who"),
        ("Hội nghị diễn ra ở đâu?", "where"),
        ("Từ đầu năm có gì mới?", "what"),
        ("Lễ ra quân diễn ra khi nào?", "when"),
        ("Ông sinh năm bao nhiêu?", "when"),
        ("Có bao nhiêu tập thể được khen?", "how many"),
        ("Có mấy tỉnh tham gia?", "how many"),
        ("Vì sao phải hoãn?", "why"),
        ("Co bao nhieu tinh?", "how many"),
        ("Hoi nghi dien ra o dau?", "where"),
        ("Who chaired the meeting?", "who"),
        ("In which province was it?", "where"),
        ("What was signed?", "what"),
    ],
)
def test_kind_of_question(question, kind):
    assert kind_of(question) == kind


def test_the_mean_leaves_out_what_does_not_apply():
    first, second = intervals.means(np.array([[1.0, np.nan], [0.0, np.nan], [0.5, 0.25]]))
    assert first.value == pytest.approx((1 + 0 + 0.5) / 3)
    assert first.n == 3
    assert first.low < first.value < first.high
    assert (second.value, second.n) == (0.25, 1)


def test_intervals_narrow_with_more_questions_and_come_out_the_same_twice():
    few, many = np.tile([[0.0], [1.0]], (10, 1)), np.tile([[0.0], [1.0]], (200, 1))
    assert intervals.means(few) == intervals.means(few)
    # About 1.96 · sqrt(0.25 / n) on each side: 0.22 and 0.05.
    (wide,), (narrow,) = intervals.means(few), intervals.means(many)
    assert wide.high - wide.low == pytest.approx(2 * 1.96 * (0.25 / 20) ** 0.5, rel=0.1)
    assert narrow.high - narrow.low == pytest.approx(2 * 1.96 * (0.25 / 400) ** 0.5, rel=0.1)


def test_thirty_of_thirty_is_no_certainty():
    (all_right,) = intervals.means(np.ones((30, 1)))
    assert all_right.low == pytest.approx(0.025 ** (1 / 30))
    assert all_right.high == 1
    (none,) = intervals.means(np.zeros((30, 1)))
    assert (none.low, none.high) == (0, pytest.approx(1 - 0.025 ** (1 / 30)))


def test_no_value_is_null_and_not_zero():
    (nothing,) = intervals.means(np.full((3, 1), np.nan))
    assert nothing.to_dict() == {"value": None, "low": None, "high": None, "n": 0}


def test_percentiles():
    estimate = intervals.percentile(np.array([10.0, 20, 30, 40, 50, np.nan]), 90)
    assert estimate.value == pytest.approx(46)  # linear between the 4th (75 %) and the 5th (100 %)
    assert estimate.n == 5


def test_every_figure_of_a_question_is_known():
    row = {
        "id": "q",
        "question": "?",
        "answerable": True,
        "answers": ["a"],
        "sources": ["x"],
        "error": "broke",
    }
    assert set(score_row(row)) == set(PER_QUESTION)


def test_exact_match_and_f1_are_of_the_short_answer_where_one_is_marked():
    answer = {
        "status": "answered",
        "answer": "Hiệu trưởng Trần Thị Mận đánh trống. [1]",
        "short_answer": "Trần Thị Mận",
        "sentences": [],
        "citations": [],
    }
    row = {"id": "a", "answerable": True, "answers": ["bà Trần Thị Mận"], "sources": [], "answered": answer}
    values = score_row(row)
    assert (values["em"], values["contains"]) == (0.0, 0.0)
    assert values["f1"] == pytest.approx(2 * 1.0 * 3 / 4 / (1.0 + 3 / 4))
    assert score_row(row | {"answers": ["Trần Thị Mận"]})["em"] == 1.0
    whole = score_row(row | {"answers": ["Trần Thị Mận"], "answered": answer | {"short_answer": ""}})
    assert (whole["em"], whole["contains"]) == (0.0, 1.0)
