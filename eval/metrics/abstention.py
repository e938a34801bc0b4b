"""Knowing when not to answer: the risk–coverage curve, the area under it, and the best threshold.

Source: El-Yaniv and Wiener 2010; Geifman and El-Yaniv 2017; for question answering Kamath et al. 2020.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise


@dataclass(frozen=True, slots=True)
class Curve:
    """Risk (share of wrong answers among those given) at each coverage (share of questions answered)."""

    coverage: tuple[float, ...]
    risk: tuple[float, ...]
    answered: float
    """Coverage up to which real answers go; beyond stand the questions that the assistant refused."""

    @property
    def area(self) -> float:
        """AURC: the mean of the risk over all coverages k/n. 0 is perfect, 1 is always wrong."""
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


def best_threshold(answerable: Sequence[float], unanswerable: Sequence[float], refused: float) -> float:
    """The threshold t (answer when confidence ≥ t) that rejects most unanswerable questions, while it refuses
    at most the share `refused` of the answerable ones. Among equals it refuses the fewest, and then lies
    midway between the neighbouring confidences. 0 when rejecting anything would cost too much.
    """
    values = sorted({0.0, *answerable, *unanswerable})
    candidates = [0.0] + [(low + high) / 2 for low, high in pairwise(values)] + [values[-1] + 1e-6]

    def worth(threshold: float) -> tuple[int, int]:
        lost = sum(value < threshold for value in answerable)
        return sum(value < threshold for value in unanswerable), -lost

    allowed = refused * len(answerable) + 1e-9
    fitting = [t for t in candidates if sum(value < t for value in answerable) <= allowed]
    return max(fitting, key=worth)
