"""Two runs of the same questions: which differences are real, and which questions flipped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from eval import describe, intervals
from eval.intervals import Estimate
from eval.metrics import BY_KEY, PER_QUESTION, Unit
from eval.run import Run, RunError
from eval.score import Row, plain_answer, score_rows, table

TIMES = {"total": "total_ms", "first_token": "first_token_ms"}
TITLES = {"total_ms": "Whole answer, mean", "first_token_ms": "First token, mean"}


@dataclass(frozen=True)
class Change:
    """What a metric gained from the baseline to this run, over the questions that both have."""

    key: str
    before: float
    gain: Estimate
    p: float

    @property
    def title(self) -> str:
        """What people call it."""
        metric = BY_KEY.get(self.key)
        return metric.title if metric else TITLES[self.key]

    @property
    def unit(self) -> Unit:
        """Of the value; a gain in shares is one of points."""
        metric = BY_KEY.get(self.key)
        return metric.unit if metric else "ms"

    @property
    def real(self) -> bool:
        """Whether the 95 % interval of the gain leaves zero out."""
        return bool(self.gain.low > 0 or self.gain.high < 0)

    @property
    def better(self) -> bool | None:
        """Whether a real change is one for the better; None when it is not real."""
        if not self.real:
            return None
        metric = BY_KEY.get(self.key)
        return (self.gain.value > 0) == (metric is not None and metric.better == "high")


@dataclass(frozen=True)
class Flip:
    """A question whose outcome changed from wrong to right, or from right to wrong."""

    id: str
    question: str
    mended: bool
    before: str
    after: str


@dataclass(frozen=True)
class Comparison:
    """Changes of every metric, flips both ways, and what else differs between the runs."""

    changes: list[Change]
    flips: list[Flip]
    shared: int
    dropped: int
    """Questions that only one of the two runs has."""
    conditions: list[str]
    """Names of the header's fields that differ."""

    @property
    def changed(self) -> list[Change]:
        """Those that differ for a question at least, the real ones first."""
        found = [change for change in self.changes if (change.gain.low, change.gain.high) != (0, 0)]
        return sorted(found, key=lambda change: not change.real)


def compare(baseline: Run, run: Run) -> Comparison:
    """Compare question by question, with a paired bootstrap (Koehn 2004; Berg-Kirkpatrick et al. 2012).

    Each metric is tested by itself at 95 %: of twenty that did not change, one will look as if it had.

    Raises:
        RunError: no question is shared with the same text and the same expected answers.
    """
    before = {row["id"]: row for row in baseline.rows}
    pairs = [
        (before[row["id"]], row) for row in run.rows if row["id"] in before and _same(before[row["id"]], row)
    ]
    if not pairs:
        raise RunError(
            "The two runs have no question in common.", "Name a baseline made from the same questions."
        )
    old_rows, new_rows = [old for old, _ in pairs], [new for _, new in pairs]
    old_values, new_values = score_rows(old_rows), score_rows(new_rows)
    olds, news = table(old_values, PER_QUESTION), table(new_values, PER_QUESTION)
    changes = [_change(key, olds[:, m], news[:, m]) for m, key in enumerate(PER_QUESTION)]
    changes += [_change(key, _times(old_rows, name), _times(new_rows, name)) for name, key in TIMES.items()]
    flips = [
        Flip(new["id"], new["question"], bool(b["right"]), shown(old), shown(new))
        for old, new, a, b in zip(old_rows, new_rows, old_values, new_values, strict=True)
        if a["right"] != b["right"]
    ]
    return Comparison(
        changes=[change for change in changes if change.gain.n],
        flips=sorted(flips, key=lambda flip: flip.mended),
        shared=len(pairs),
        dropped=len(baseline.rows) + len(run.rows) - 2 * len(pairs),
        conditions=describe.differences(baseline.header, run.header),
    )


def shown(row: Row) -> str:
    """The answer of a row in one line: its words, a refusal, or the error."""
    if "error" in row:
        return f"failed: {row['error']}"
    if row["answered"]["status"] != "answered":
        return "refused"
    return plain_answer(row["answered"])


def _same(old: Row, new: Row) -> bool:
    keys: tuple[str, ...] = ("question", "answers", "accepted", "all_of", "sources", "answerable")
    return all(old.get(key, []) == new.get(key, []) for key in keys)


def _change(key: str, before: np.ndarray[Any, Any], after: np.ndarray[Any, Any]) -> Change:
    gain, p = intervals.difference(before, after)
    both = ~np.isnan(before) & ~np.isnan(after)
    return Change(key, float(before[both].mean()) if both.any() else np.nan, gain, p)


def _times(rows: list[Row], name: str) -> np.ndarray[Any, Any]:
    return np.array([row.get("measured_ms", {}).get(name, np.nan) for row in rows], dtype=float)
