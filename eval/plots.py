"""Where lines and ticks of the report's plots lie. Drawing them is the template's work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

import numpy as np

from eval.intervals import Estimate, Floats
from eval.metrics.retrieval import collapse
from eval.score import Row, Scores

WIDTH, HEIGHT = 360, 220
LEFT, RIGHT, TOP, BOTTOM = 40, 12, 12, 36
DEEPEST = 10
"""Recall is drawn for the first k places, k up to this."""


@dataclass(frozen=True)
class _Scale:
    """A straight map from values to positions."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        return round(self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start), 1)


@dataclass(frozen=True)
class Line:
    """A line through points, as the attribute `points` of an SVG polyline."""

    name: str
    points: str
    style: str = "one"


@dataclass(frozen=True)
class Whisker:
    """An interval: x, upper and lower y."""

    x: float
    low: float
    high: float
    y: float


@dataclass(frozen=True)
class Plot:
    """One plot in a field of `WIDTH` × `HEIGHT`. Ticks are (position, label)."""

    title: str
    x_label: str
    y_label: str
    x_ticks: list[tuple[float, str]]
    y_ticks: list[tuple[float, str]]
    lines: list[Line]
    whiskers: list[Whisker]
    note: str = ""


def recall_plot(scores: Scores) -> Plot | None:
    """Share of the named sources found within the first k places; None when no question names a source."""
    curve = recall_curve(scores.rows)
    if not curve:
        return None
    at = _Scale(1, DEEPEST, LEFT, WIDTH - RIGHT)
    whiskers = [
        Whisker(at(k), _share(estimate.low), _share(estimate.high), _share(estimate.value))
        for k in (1, 5, 10)
        if (estimate := scores.summary.get(f"R@{k}"))
    ]
    points = _points([(at(k), _share(value)) for k, value in enumerate(curve, start=1)])
    ticks = [(at(k), str(k)) for k in (1, 2, 3, 5, 10)]
    line = Line("recall", points)
    return Plot("Recall at k", "first k sources", "recall", ticks, _share_ticks(), [line], whiskers)


def recall_curve(rows: Sequence[Row]) -> list[float]:
    """Mean recall at k = 1…`DEEPEST` over the answerable questions that name sources."""
    asked = [row for row in rows if row["answerable"] and row["sources"]]

    def recall(row: Row, k: int) -> float:
        found = collapse(row.get("ranking", []) if "error" not in row else [])[:k]
        return len(set(found) & set(row["sources"])) / len(set(row["sources"]))

    return [sum(recall(row, k) for row in asked) / len(asked) for k in range(1, DEEPEST + 1)] if asked else []


def risk_plot(scores: Scores) -> Plot | None:
    """Wrong answers among those given, when only the most confident share is given."""
    curve = scores.curve
    if "aurc" not in scores.summary:
        return None
    at = _Scale(0, 1, LEFT, WIDTH - RIGHT)
    given = [
        (at(c), _share(r))
        for c, r in zip(curve.coverage, curve.risk, strict=True)
        if c <= curve.answered + 1e-9
    ]
    rest = [
        (at(c), _share(r))
        for c, r in zip(curve.coverage, curve.risk, strict=True)
        if c >= curve.answered - 1e-9
    ]
    lines = [Line("answers given", _points(given))]
    if curve.answered < 1:
        lines.append(Line("refused, counted as wrong", _points(rest), "faint"))
    ticks = [(at(share), f"{share:.0%}") for share in (0, 0.25, 0.5, 0.75, 1)]
    return Plot(
        "Risk and coverage",
        "questions answered, most confident first",
        "wrong",
        ticks,
        _share_ticks(),
        lines,
        [],
    )


def latency_plot(scores: Scores) -> Plot | None:
    """Share of the questions that are done within a time, on a logarithmic axis."""
    series = [
        (name, style, values[~np.isnan(values)])
        for name, style, values in (
            ("whole answer", "one", scores.total_ms),
            ("first token", "two", scores.first_token_ms),  # dashed, on top: they may coincide
        )
    ]
    everything = np.concatenate([values for _, _, values in series])
    if not len(everything):
        return None
    low, high = max(1.0, float(everything.min())), max(2.0, float(everything.max()))
    first, last = floor(log10(low)), max(floor(log10(low)) + 1, ceil(log10(high)))
    at = _Scale(first, last, LEFT, WIDTH - RIGHT)
    lines = [Line(name, _points(_steps(values, at)), style) for name, style, values in series if len(values)]
    ticks = [(at(power), _time(10.0**power)) for power in range(first, last + 1)]
    return Plot("Latency", "time after the question", "done", ticks, _share_ticks(), lines, [])


def _steps(values: Floats, at: _Scale) -> list[tuple[float, float]]:
    """The empirical distribution as steps; at most some 200 of them."""
    ordered = np.sort(np.maximum(values, 1.0))
    points: list[tuple[float, float]] = []
    for i in np.unique(np.linspace(0, len(ordered) - 1, 200).astype(int)):
        x = at(log10(float(ordered[i])))
        points += [(x, points[-1][1] if points else _share(0)), (x, _share((i + 1) / len(ordered)))]
    return points


def _time(milliseconds: float) -> str:
    return f"{milliseconds:.0f} ms" if milliseconds < 1000 else f"{milliseconds / 1000:.0f} s"


def _share(value: float) -> float:
    return _Scale(0, 1, HEIGHT - BOTTOM, TOP)(value)


def _share_ticks() -> list[tuple[float, str]]:
    return [(_share(value), f"{value:.0%}") for value in (0, 0.25, 0.5, 0.75, 1)]


def _points(pairs: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x},{y}" for x, y in pairs)


def interval_bar(estimate: Estimate) -> dict[str, float]:
    """Left end, width and middle of an interval of shares, in percent of the row's width."""
    low, high = max(0.0, estimate.low), min(1.0, estimate.high)
    return {
        "left": round(100 * low, 1),
        "width": round(100 * (high - low), 1),
        "middle": round(100 * estimate.value, 1),
    }
