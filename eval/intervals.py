"""Bootstrap intervals over questions (Efron 1979), paired where two runs are compared (Koehn 2004).

Questions are drawn with replacement; 95 % of the resampled values lie in the interval. Every draw is seeded,
and the same questions are drawn for every metric, so a report can be made twice and reads the same.

Where every question scored 0, or every one 1, resampling would promise certainty; the exact binomial interval
(Clopper and Pearson 1934) stands in: 30 right of 30 is [0.88, 1].
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 2000
SEED = 20240101
LEVEL = 0.95

Floats = NDArray[np.float64]


class Estimate(NamedTuple):
    """A value with its interval. `n` counts the questions it is taken over; NaN when there is none."""

    value: float
    low: float
    high: float
    n: int

    def to_dict(self) -> dict[str, Any]:
        """JSON-serialisable: null where there is no value."""
        numbers = {"value": self.value, "low": self.low, "high": self.high}
        return {key: None if np.isnan(v) else round(v, 4) for key, v in numbers.items()} | {"n": self.n}


def means(values: Floats, seed: int = SEED) -> list[Estimate]:
    """Mean of every column over the questions to which it applies.

    Args:
        values: [questions, metrics]; NaN where a metric does not apply to a question.
    """
    applies = ~np.isnan(values)
    drawn = draws(len(values), seed)
    with np.errstate(invalid="ignore"):
        resampled = (drawn @ np.where(applies, values, 0.0)) / (drawn @ applies.astype(float))
        mean = np.where(applies, values, 0.0).sum(axis=0) / applies.sum(axis=0)
    estimates = []
    for m in range(values.shape[1]):
        n = int(applies[:, m].sum())
        low, high = _exact(values[applies[:, m], m]) or _interval(resampled[:, m])
        estimates.append(Estimate(float(mean[m]), low, high, n))
    return estimates


def percentile(values: Floats, q: float, seed: int = SEED) -> Estimate:
    """The q-th percentile (0–100, linear interpolation) of values [questions]; NaN ones are left out."""
    values = values[~np.isnan(values)]
    if not len(values):
        return Estimate(np.nan, np.nan, np.nan, 0)
    chosen = np.random.default_rng(seed).integers(len(values), size=(RESAMPLES, len(values)))
    return Estimate(
        float(np.percentile(values, q)), *_interval(np.percentile(values[chosen], q, axis=1)), len(values)
    )


def difference(before: Floats, after: Floats, seed: int = SEED) -> tuple[Estimate, float]:
    """Mean of after − before over the questions to which a metric applies in both, and its p-value.

    The p-value is two-sided: twice the share of resampled means at or beyond zero on the lesser side, at
    least 1 / resamples. A difference counts as real when its interval leaves zero out.
    """
    gain = after - before
    gain = gain[~np.isnan(gain)]
    if not len(gain):
        return Estimate(np.nan, np.nan, np.nan, 0), np.nan
    resampled = (draws(len(gain), seed) @ gain) / len(gain)
    lesser = min((resampled <= 1e-12).mean(), (resampled >= -1e-12).mean())
    p = float(min(1.0, max(2 * lesser, 1 / RESAMPLES)))
    return Estimate(float(gain.mean()), *_interval(resampled), len(gain)), p


@lru_cache(maxsize=4)
def draws(n: int, seed: int = SEED) -> Floats:
    """How often each of n questions is drawn: [resamples, n], every row with the sum n. Not to be changed."""
    chosen = (
        np.random.default_rng(seed).integers(n, size=(RESAMPLES, n)) if n else np.empty((RESAMPLES, 0), int)
    )
    rows = np.arange(RESAMPLES)[:, None] * n
    return np.bincount((chosen + rows).ravel(), minlength=RESAMPLES * n).reshape(RESAMPLES, n).astype(float)


def _exact(column: Floats) -> tuple[float, float] | None:
    """The binomial interval of a column that is all 0 or all 1; None for any other."""
    if not len(column) or column.min() != column.max() or column[0] not in (0.0, 1.0):
        return None
    reach = ((1 - LEVEL) / 2) ** (1 / len(column))
    return (reach, 1.0) if column[0] else (0.0, 1 - reach)


def _interval(resampled: Floats) -> tuple[float, float]:
    resampled = resampled[~np.isnan(resampled)]
    if not len(resampled):
        return np.nan, np.nan
    tail = 100 * (1 - LEVEL) / 2
    low, high = np.percentile(resampled, [tail, 100 - tail])
    return float(low), float(high)


def of_draws(value: float, drawn: Floats, n: int) -> Estimate:
    """An estimate whose statistic, no mean, was computed over the draws of `draws(n)`."""
    return Estimate(value, *_interval(drawn), n)
