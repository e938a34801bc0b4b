"""Knowing when not to answer: the risk–coverage curve, the area under it, and the best threshold.

Source: El-Yaniv and Wiener 2010; Geifman and El-Yaniv 2017; for question answering Kamath et al. 2020.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Curve:
    """Risk (share of wrong answers among those given) at each coverage (share of questions answered)."""

    coverage: tuple[float, ...]
    risk: tuple[float, ...]
    answered: float
    """Coverage up to which real answers go; beyond stand the questions that the assistant refused."""

    @property
    def area(self) -> float:
        """AURC: the mean of the risk over all coverages k/n, from 0 to 1 (always wrong).

        0 is reached only if every question has an answer: answering all of them, which full coverage means,
        is wrong for the others.
        """
        return sum(self.risk) / len(self.risk) if self.risk else 0.0


def risk_coverage(confidences: Sequence[float], wrong: Sequence[bool], refused: Sequence[bool]) -> Curve:
    """Answer the most confident questions first; risk(k) = wrong ones among the first k / k, for k = 1…n.

    Equal confidences share their mean error, so their order does not matter. A refused question has no answer
    to be right with: it comes last and counts as wrong there. An assistant that refuses everything has area
    1, not 0.
    """
    given = sorted(
        ((c, w) for c, w, r in zip(confidences, wrong, refused, strict=True) if not r),
        key=lambda each: -each[0],
    )
    errors: list[float] = []
    for _, group in groupby(given, key=lambda each: each[0]):
        tied = [float(w) for _, w in group]
        errors += [sum(tied) / len(tied)] * len(tied)
    errors += [1.0] * sum(refused)
    total, risk = 0.0, []
    for k, error in enumerate(errors, start=1):
        total += error
        risk.append(total / k)
    n = len(errors)
    coverage = tuple(k / n for k in range(1, n + 1))
    return Curve(coverage, tuple(risk), len(given) / n if n else 0.0)


def areas(confidences: Floats, wrong: Bools, refused: Bools, draws: Floats) -> Floats:
    """The area under the curve of each draw of questions: what `risk_coverage` gives, for all draws at once.

    A question at place j of n adds its error to risk(j), …, risk(n), so it weighs (1/j + … + 1/n) / n.

    Args:
        confidences, wrong, refused: [questions].
        draws: [draws, questions], how often each question was drawn; every row has the same sum n > 0.
    """
    n = int(draws[0].sum())
    tails = np.concatenate([[0.0], np.cumsum(np.cumsum(1 / np.arange(n, 0, -1.0))[::-1])])
    # Refused ones last; equal confidences are one group, whose questions share its error.
    keys = np.where(refused, 1.0, -confidences)
    order = np.argsort(keys, kind="stable")
    firsts = np.flatnonzero(np.diff(keys[order], prepend=np.nan) != 0)
    drawn = draws[:, order]
    size = np.add.reduceat(drawn, firsts, axis=1)
    errors = np.add.reduceat(drawn * (wrong | refused)[order], firsts, axis=1)
    last = np.cumsum(size, axis=1).astype(int)
    weight = tails[last] - tails[last - size.astype(int)]
    area: Floats = (errors / np.maximum(size, 1) * weight).sum(axis=1) / n
    return area


def best_threshold(answerable: Sequence[float], unanswerable: Sequence[float], refused: float) -> float:
    """The threshold t (answer when confidence ≥ t) with the greatest share of unanswerable questions rejected
    less share of answerable ones refused (Youden 1950), while it refuses at most the share `refused` of them.

    Among equals it refuses the fewest, and then lies midway between the neighbouring confidences. 0 when
    nothing can be gained.
    """
    values = sorted({0.0, *answerable, *unanswerable})
    candidates = [0.0] + [(low + high) / 2 for low, high in pairwise(values)] + [values[-1] + 1e-6]

    def below(sides: Sequence[float], threshold: float) -> float:
        return sum(value < threshold for value in sides) / len(sides)

    def worth(threshold: float) -> tuple[float, float]:
        lost = below(answerable, threshold)
        return round(below(unanswerable, threshold) - lost, 9), -lost

    fitting = [t for t in candidates if below(answerable, t) <= refused + 1e-9]
    return max(fitting, key=worth)
