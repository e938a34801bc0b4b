"""Run and scores → one HTML file that opens offline: figures, plots, every question, wrong ones first."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eval.compare import Comparison
from eval.dataset import MODES
from eval.intervals import Estimate
from eval.metrics import BY_KEY, METRICS
from eval.plots import HEIGHT, WIDTH, interval_bar, latency_plot, recall_plot, risk_plot
from eval.run import Run
from eval.score import Row, Scores, Values, was_given
from eval.slices import slices_of

HEADLINES = ("right", "contains", "R@1", "source_precision", "fooled", "refused", "total_p50")
"""The figures at the top."""
OUTCOMES = {
    "failed": "failed",
    "wrong": "wrong answer",
    "fooled": "should have refused",
    "refused": "refused, though it can be answered",
    "right": "right",
    "kept": "rightly refused",
}
"""What became of a question, worst first; questions are shown in this order."""
_TEMPLATES = Path(__file__).parent / "templates"
NO_BREAK, MINUS = "\u00a0", "\u2212"
POINTS = {"share": "points"}
"""Unit of a value → unit of a difference, where it is another one: 50 % to 60 % is 10 points, not 10 %."""
_MARKER = re.compile(r"(\[\d+\])")

Pieces = list[tuple[str, int]]
"""Text in pieces, each with the number of the citation it is, or 0."""


@dataclass(frozen=True)
class PassageView:
    """A retrieved passage, with the citations that lie in it marked."""

    source: str
    title: str
    published: str | None
    score: float | None
    pieces: Pieces
    gold: bool

    @property
    def cited(self) -> list[int]:
        """Numbers of the citations in this passage."""
        return list(dict.fromkeys(number for _, number in self.pieces if number))


@dataclass(frozen=True)
class QuestionView:
    """What the report shows of one question."""

    row: Row
    outcome: str
    label: str
    kind: str
    answer: Pieces
    passages: list[PassageView]
    strays: list[PassageView]
    """Citations of text that was not among the retrieved passages, each as a passage of its own."""
    figures: list[tuple[str, str]]
    search: str
    doubts: list[dict[str, Any]] = field(default_factory=list)
    """Sentences whose verdict is not `supported`."""

    @property
    def answered(self) -> Mapping[str, Any]:
        """The answer's object of the JSON contract; empty when answering failed."""
        answered: Mapping[str, Any] = self.row.get("answered") or {}
        return answered


def html(run: Run, scores: Scores, comparison: Comparison | None = None) -> str:
    """The whole report. Everything from articles, questions and models is escaped; nothing is fetched."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"figure": figure, "interval": interval, "signed": signed}
    script = (_TEMPLATES / "report.js").read_text(encoding="utf-8")
    views = sorted(
        (view(row, values) for row, values in zip(scores.rows, scores.values, strict=True)),
        key=lambda each: list(OUTCOMES).index(each.outcome),
    )
    plots = [plot for plot in (recall_plot(scores), risk_plot(scores), latency_plot(scores)) if plot]
    return environment.get_template("report.html.j2").render(
        header=run.header,
        footer=run.footer,
        engines=sorted({each.answered["engine"] for each in views if each.answered}),
        scores=scores,
        metrics=METRICS,
        by_key=BY_KEY,
        headlines=[key for key in HEADLINES if key in scores.summary],
        plots=plots,
        width=WIDTH,
        height=HEIGHT,
        bar=interval_bar,
        views=views,
        modes=MODES,
        counts=Counter(each.outcome for each in views),
        outcomes={key: name for key, name in OUTCOMES.items() if any(each.outcome == key for each in views)},
        languages=sorted({each.row["lang"] for each in views}),
        kinds=sorted({each.kind for each in views}),
        comparison=comparison,
        style=(_TEMPLATES / "report.css").read_text(encoding="utf-8"),
        script=script,
        # The page may run this one script and load nothing at all, whatever an article holds.
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )


def write_report(path: Path, run: Run, scores: Scores, comparison: Comparison | None = None) -> None:
    """Write the report, making its folder if need be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(html(run, scores, comparison), encoding="utf-8")


def view(row: Row, values: Values) -> QuestionView:
    """Arrange what is known of one question for showing."""
    outcome = outcome_of(row, values)
    answered = row.get("answered") or {"answer": "", "citations": [], "retrieved": [], "sentences": []}
    citations = answered["citations"]
    passages = [_passage(each, citations, row["sources"]) for each in answered["retrieved"]]
    inside = {number for each in passages for number in each.cited}
    label = OUTCOMES[outcome]
    if outcome == "wrong" and values["facts"]:
        label += f", {values['facts']:.0%} of the facts"
    return QuestionView(
        row=row,
        outcome=outcome,
        label=label,
        kind=dict(slices_of(row))["question"],
        answer=_answer_pieces(answered["answer"], {each["n"] for each in citations}),
        passages=passages,
        strays=[_stray(each, row["sources"]) for each in citations if each["n"] not in inside],
        figures=_figures(row, values),
        search=" ".join((row["id"], row["question"], answered["answer"], *row["answers"])).lower(),
        doubts=[each for each in answered["sentences"] if each["verdict"] != "supported"],
    )


def outcome_of(row: Row, values: Values) -> str:
    """One of the keys of `OUTCOMES`."""
    if "error" in row:
        return "failed"
    if row["answerable"]:
        if not was_given(row):
            return "refused"
        return "right" if values["right"] else "wrong"
    return "fooled" if was_given(row) else "kept"


def mark(text: str, spans: Sequence[tuple[int, int, int]]) -> Pieces:
    """Cut a text at spans (start, end, number). Where spans overlap, the earlier one keeps the overlap."""
    pieces: Pieces = []
    position = 0
    for start, end, number in sorted(spans):
        start = max(start, position)
        if end <= start:
            continue
        pieces += [(text[position:start], 0), (text[start:end], number)]
        position = end
    pieces.append((text[position:], 0))
    return [piece for piece in pieces if piece[0]]


def figure(estimate: Estimate | float, unit: str = "share") -> str:
    """A value as people read it: 93.4 %, 1.25 s, 180. Spaces do not break."""
    value = estimate.value if isinstance(estimate, Estimate) else estimate
    if unit == "ms":
        text = f"{value / 1000:.2f} s" if abs(value) >= 1000 else f"{value:.0f} ms"
    else:
        text = (
            f"{value:.0f}" if unit == "tokens" else f"{100 * value:.1f} {'pts' if unit == 'points' else '%'}"
        )
    return text.replace(" ", NO_BREAK).replace("-", MINUS)


def signed(gain: float, unit: str = "share") -> str:
    """A difference as people read it: +2.9 pts."""
    return ("+" if gain > 0 else "") + figure(gain, POINTS.get(unit, unit))


def interval(estimate: Estimate, unit: str = "share") -> str:
    """Both ends of an interval: 59.6 – 76.7 %."""
    low, high = figure(estimate.low, unit), figure(estimate.high, unit)
    number, _, sign = low.rpartition(NO_BREAK)
    return f"{number if number and high.endswith(sign) else low} – {high}"


def _passage(
    passage: Mapping[str, Any], citations: Sequence[Mapping[str, Any]], gold: Sequence[str]
) -> PassageView:
    start, end = passage["start"], passage["end"]
    spans = [
        (each["start"] - start, each["end"] - start, each["n"])
        for each in citations
        if each["source"] == passage["source"] and start <= each["start"] and each["end"] <= end
    ]
    return PassageView(
        passage["source"],
        passage.get("title", ""),
        passage.get("published"),
        passage["score"],
        mark(passage["text"], spans),
        passage["source"] in gold,
    )


def _stray(citation: Mapping[str, Any], gold: Sequence[str]) -> PassageView:
    source = citation["source"]
    title, date = citation.get("title", ""), citation.get("published")
    return PassageView(source, title, date, None, [(citation["quote"], citation["n"])], source in gold)


def _answer_pieces(text: str, numbers: set[int]) -> Pieces:
    pieces = [(piece, int(piece[1:-1]) if _MARKER.fullmatch(piece) else 0) for piece in _MARKER.split(text)]
    return [(piece, number if number in numbers else 0) for piece, number in pieces if piece]


def _figures(row: Row, values: Values) -> list[tuple[str, str]]:
    shown = ("f1", "em", "MRR", "quote_recall", "source_precision", "words_recall")
    pairs = [(BY_KEY[key].title, f"{value:.2f}") for key in shown if (value := values[key]) is not None]
    if "answered" in row:
        pairs.append(("Confidence", f"{row['answered'].get('confidence', 0):.2f}"))
    pairs += [(name.replace("_", " "), figure(ms, "ms")) for name, ms in row.get("measured_ms", {}).items()]
    return pairs
