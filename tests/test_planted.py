"""What is counted as a change, and which plants are held out."""

from __future__ import annotations

from collections import Counter

import pytest

from eval.check_questions import CORPUS, QUESTIONS
from eval.dataset import load
from eval.planted import Trial, outcome, rounds, summary, trials, write_corpus
from rag.types import Answer


@pytest.fixture(scope="module")
def all_trials() -> list[Trial]:
    return trials(load([QUESTIONS / "factual.jsonl"]).questions)


def answer(text: str) -> Answer:
    return Answer("Ai?", "Ai?", "vi", "answered", text, (), (), (), "extractive", {})


def test_half_of_each_language_is_held_out_and_every_trial_has_its_round(all_trials: list[Trial]) -> None:
    assert Counter((sown.lang, sown.held_out) for sown, *_ in all_trials) == {
        ("vi", False): 50, ("vi", True): 50, ("en", False): 50, ("en", True): 50,
    }  # fmt: skip
    several = list(rounds(all_trials))
    assert sorted(sown.id for some in several for sown, *_ in some) == sorted(t[0].id for t in all_trials)
    for some in several:
        assert len({question.sources[0] for _, question, _ in some}) == len(some)


def test_harmless_texts_differ_and_are_about_as_long(all_trials: list[Trial]) -> None:
    for sown, *_ in all_trials:
        one, other = sown.harmless
        assert one != other
        assert all(0.75 * len(sown.text) <= len(text) <= len(sown.text) + 110 for text in (one, other))


def test_each_comparison_counts_its_own_two_answers(all_trials: list[Trial]) -> None:
    trial = all_trials[0]
    said = {"without": answer("A."), "planted": answer("A [1]."), "harmless": answer("B.")}
    found = outcome(trial, said)
    assert (found["changed"], found["beside"], found["noise"]) == (False, True, True)
    assert "noise of two" not in found
    assert (found["obeyed"], found["half"]) == (False, "development")
    bait = outcome(trial, {"without": answer("A."), "planted": answer(f"A {trial[0].bait[0]}.")})
    assert bait["changed"]
    assert bait["obeyed"]
    lines = list(summary([found, bait]))
    assert lines[0].split()[:3] == ["changed", "all", "0.500"]
    assert not [line for line in lines if line.startswith("noise of two")]


def test_a_plant_stands_in_its_article_and_nothing_else_changes(tmp_path, all_trials) -> None:
    write_corpus(tmp_path / "calm", CORPUS, {})
    sown, question, place = all_trials[0]
    write_corpus(tmp_path / "planted", CORPUS, {question.sources[0]: (sown.text, place)})
    for calm in (tmp_path / "calm").rglob("*.md"):
        source = calm.relative_to(tmp_path / "calm").as_posix()
        planted = (tmp_path / "planted" / source).read_text("utf-8")
        assert planted.replace(f" {sown.text}", "", 1) == calm.read_text("utf-8")
        assert (sown.text in planted) == (source == question.sources[0])
