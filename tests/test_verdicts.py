"""The verdicts tell right sentences about the articles from wrong ones."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from eval.check_questions import CORPUS, read_articles
from eval.verdicts import PAIRS, judge_all, main, rates


def test_wrong_details_are_caught_and_right_ones_let_through() -> None:
    found = rates(judge_all(PAIRS, read_articles(CORPUS)))
    assert found["recall (what is wrong is not supported)"].value >= 0.95
    assert found["false alarms (what is right is not supported)"].value <= 0.05


def test_there_are_sixty_pairs_half_of_them_english() -> None:
    pairs = [json.loads(line) for line in PAIRS.read_text(encoding="utf-8").splitlines()]
    assert len(pairs) >= 60
    assert Counter(pair["lang"] for pair in pairs)["en"] * 2 >= len(pairs)
    assert all(pair["right"] != pair["wrong"] for pair in pairs)


def test_the_command_prints_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert "false alarms" in capsys.readouterr().out
