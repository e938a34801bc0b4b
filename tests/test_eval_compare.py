"""Comparing two runs, fitting a threshold."""

import json

import numpy as np
import pytest
from eval_fakes import QUESTIONS, AlwaysRefusing, Failing, Fake, RightTextWrongSource

from eval import calibrate, intervals
from eval.compare import compare
from eval.dataset import Dataset, Question
from eval.run import Run, RunError, run


def test_a_constant_gain_is_real_and_noise_is_not():
    zeros = np.zeros(20)
    gain, p = intervals.difference(zeros, zeros + 0.25)
    assert (gain.value, gain.low, gain.high, gain.n) == (0.25, 0.25, 0.25, 20)
    assert p == 1 / intervals.RESAMPLES
    gain, p = intervals.difference(zeros, np.tile([1.0, -1.0], 10))
    assert gain.low < 0 < gain.high
    assert p > 0.5
    gain, p = intervals.difference(zeros, zeros)
    assert (gain.low, gain.high, p) == (0, 0, 1)


def test_only_questions_to_which_a_metric_applies_in_both_are_compared():
    gain, _ = intervals.difference(np.array([0.0, np.nan, 1.0]), np.array([1.0, 1.0, np.nan]))
    assert (gain.value, gain.n) == (1, 1)


def test_a_run_compared_with_itself_does_not_differ(tmp_path):
    one = run(QUESTIONS, Fake(), tmp_path / "1.jsonl")
    result = compare(one, one)
    assert (result.flips, result.dropped, result.conditions, result.shared) == ([], 0, [], 4)
    assert not any(change.real for change in result.changes)


def test_flips_are_listed_both_ways(tmp_path):
    good, bad = run(QUESTIONS, Fake(), tmp_path / "1.jsonl"), run(QUESTIONS, Failing(), tmp_path / "2.jsonl")
    (flip,) = compare(good, bad).flips
    assert (flip.id, flip.mended, flip.after) == ("q2", False, "failed: EngineError: The model is gone.")
    (flip,) = compare(bad, good).flips
    assert (flip.id, flip.mended, flip.after) == ("q2", True, "Có 48 cá nhân được khen.")


def test_a_real_change_says_whether_it_is_for_the_better(tmp_path):
    good, refusing = (
        run(QUESTIONS, Fake(), tmp_path / "1.jsonl"),
        run(QUESTIONS, AlwaysRefusing(), tmp_path / "2.jsonl"),
    )
    changes = {change.key: change for change in compare(good, refusing).changes}
    assert (changes["contains"].before, changes["contains"].gain.value) == (1, -1)
    assert changes["contains"].better is False
    assert changes["refused"].better is False  # more of it, and less is better
    assert changes["R@1"].better is None
    back = {change.key: change for change in compare(refusing, good).changes}
    assert back["contains"].better is True
    assert back["refused"].better is True


def test_a_question_that_was_changed_is_not_compared(tmp_path):
    one = run(QUESTIONS, Fake(), tmp_path / "1.jsonl")
    first = QUESTIONS.questions[0]
    other = Dataset("o", (Question(first.id, first.question, answers=("Huế",), sources=first.sources),))
    with pytest.raises(RunError, match="in common"):
        compare(one, run(other, Fake(), tmp_path / "2.jsonl"))
    fewer = run(Dataset("f", QUESTIONS.questions[:3]), Fake(), tmp_path / "3.jsonl")
    result = compare(one, fewer)
    assert (result.shared, result.dropped) == (3, 1)
    assert "questions_sha256" in result.conditions


def rows(answerable, unanswerable):
    def row(i, sure, can):
        answered = {"confidence": 0.5, "answerable": sure}  # the first is not what it is fitted on
        return {"id": str(i), "answerable": can, "answered": answered}

    entries = [(sure, True) for sure in answerable] + [(sure, False) for sure in unanswerable]
    head = {"name": "set", "questions": len(entries), "corpus": {"sha256": "0" * 64}}
    return Run(head, [row(i, *entry) for i, entry in enumerate(entries)])


def test_calibration_finds_the_gap_and_tells_what_to_expect():
    result = calibrate.calibrate(
        rows([0.7 + i / 1000 for i in range(40)], [0.3 + i / 1000 for i in range(40)])
    )
    assert 0.34 < result["threshold"] < 0.75
    assert result["fitted"] == {"answerable_refused": 0, "unanswerable_rejected": 1}
    assert result["held_out"]["unanswerable_rejected"] == 1
    assert (result["n"], result["warning"], result["fitted_on"]) == (80, "", "set")
    assert result["of_use"]


def test_calibration_gains_nothing_from_confidences_that_are_alike():
    sure = [i / 40 for i in range(40)]
    result = calibrate.calibrate(rows(sure, sure))
    assert (result["threshold"], result["of_use"]) == (0, False)
    assert result["fitted"] == {"answerable_refused": 0, "unanswerable_rejected": 0}


def test_a_threshold_is_of_use_when_the_gain_is_more_than_chance():
    # 30 of 40 rejected, 4 of 40 refused: 0.75 - 0.10 against 1.96 * sqrt(0.09 / 40 + 0.1875 / 40) = 0.16.
    assert calibrate._of_use({"answerable_refused": 0.1, "unanswerable_rejected": 0.75}, 40, 40)
    # 2 of 10 rejected, none refused: 0.20 against 1.96 * sqrt(0.16 / 10) = 0.25.
    assert not calibrate._of_use({"answerable_refused": 0.0, "unanswerable_rejected": 0.2}, 10, 10)
    assert not calibrate._of_use(None, 4, 4)


def test_calibration_warns_about_few_questions_and_refuses_what_cannot_be_fitted():
    assert "guess" in calibrate.calibrate(rows([0.8, 0.9], [0.1]))["warning"]
    with pytest.raises(RunError, match="answerable and unanswerable"):
        calibrate.calibrate(rows([0.8, 0.9], []))
    with pytest.raises(RunError, match="equally sure"):
        calibrate.calibrate(rows([0.5, 0.5], [0.5]))


def test_calibration_is_stored_whole(tmp_path):
    path = calibrate.store_calibration(tmp_path, {"threshold": 0.4})
    calibrate.store_calibration(tmp_path, {"threshold": 0.5})
    assert json.loads(path.read_text()) == {"threshold": 0.5}
    assert [each.name for each in tmp_path.iterdir()] == ["calibration.json"]
    with pytest.raises(RunError, match="cannot be stored"):
        calibrate.store_calibration(tmp_path / "missing", {})


def test_failures_take_no_part_in_calibration():
    run_ = rows([0.8, 0.9], [0.1])
    run_.rows[0]["error"] = "broke"
    assert calibrate.calibrate(run_)["answerable"] == 1


def test_wrong_sources_show_in_the_comparison(tmp_path):
    good, bad = (
        run(QUESTIONS, Fake(), tmp_path / "1.jsonl"),
        run(QUESTIONS, RightTextWrongSource(), tmp_path / "2.jsonl"),
    )
    result = compare(good, bad)
    changes = {change.key: change for change in result.changes}
    assert changes["source_recall"].better is False
    assert changes["contains"].better is None
    assert result.flips == []
