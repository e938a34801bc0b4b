"""Saved run → figures. Nothing is answered here, so a new metric needs no new answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from eval import intervals
from eval.intervals import Estimate, Floats
from eval.metrics import BY_KEY, PER_QUESTION, abstention, citations, retrieval
from eval.metrics.text import contains, exact_match, f1, facts_told, strip_markers
from eval.run import Run, RunError
from eval.slices import slices_of

Row = dict[str, Any]
Values = dict[str, float | None]
"""Metric → value; None where it does not apply to the question."""

SLICED = ("R@1", "f1", "contains", "right", "quote_recall", "source_recall", "refused", "fooled")
"""The metrics given for every slice."""


@dataclass(frozen=True)
class Scores:
    """Everything that the report shows. Arrays and lists are in the order of the rows."""

    rows: list[Row]
    values: list[Values]
    summary: dict[str, Estimate]
    slices: dict[str, dict[str, dict[str, Estimate]]]
    """Kind of slice → its name → metric → estimate."""
    curve: abstention.Curve
    total_ms: Floats
    first_token_ms: Floats
    errors: int


def score(run: Run) -> Scores:
    """All figures of a complete run.

    Raises:
        RunError: questions are still unanswered. Leaving them out would flatter, so nothing is scored.
    """
    if not run.complete:
        raise RunError(
            f"The run is not complete: {len(run.rows)} of {run.header['questions']} questions are answered.",
            "Run the same command again with --out naming this run, and it goes on where it stopped.",
        )
    rows = run.rows
    values = score_rows(rows)
    total, first = _milliseconds(rows, "total"), _milliseconds(rows, "first_token")
    summary = _means(values, PER_QUESTION)
    curve = _curve(rows, values)
    if any(row["answerable"] for row in rows):  # otherwise every answer is wrong, at any confidence
        summary["aurc"] = _aurc(rows, values, curve)
    for name, series in (("first_token", first), ("total", total)):
        for q in (50, 90):
            summary[f"{name}_p{q}"] = intervals.percentile(series, q)
    summary = {key: summary[key] for key in BY_KEY if key in summary and summary[key].n}
    return Scores(
        rows, values, summary, _slices(rows, values), curve, total, first, sum("error" in row for row in rows)
    )


def score_rows(rows: list[Row]) -> list[Values]:
    """Every metric of every question, in order."""
    gold = {row["id"]: row["sources"] for row in rows if row["answerable"] and row["sources"]}
    rankings = {row["id"]: row["ranking"] for row in rows if "ranking" in row and "error" not in row}
    found = retrieval.score(rankings, gold)
    return [{**score_row(row), **found.get(row["id"], {})} for row in rows]


def score_row(row: Row) -> Values:
    """The metrics of one question that do not need the others; those of retrieval are None here."""
    values: Values = dict.fromkeys(PER_QUESTION)
    answer = row.get("answered") if "error" not in row else None
    given = answer if answer and answer["status"] == "answered" else None
    if row["answerable"]:
        values |= _answer_values(row, given) | _citation_values(row, given)
        values["refused"] = float(answer is not None and given is None)
    else:
        values["fooled"] = float(answer is None or given is not None)
    right = values["contains"] if row["answerable"] else 1 - float(values["fooled"] or 0)
    values["right"] = right
    if given:
        values["risk"] = 1 - float(right or 0)
        sentences = given["sentences"]
        supported = sum(sentence["verdict"] == "supported" for sentence in sentences)
        values["support"] = supported / len(sentences) if sentences else 0.0
        if row.get("verbatim"):
            values["verbatim"] = sum(row["verbatim"]) / len(row["verbatim"])
    for key, count in ((answer or {}).get("tokens") or {}).items():
        if f"{key}_tokens" in values:
            values[f"{key}_tokens"] = float(count)
    return values


def accepted_answers(row: Row) -> list[str]:
    """All short answers that count, those of single facts apart."""
    return [*row["answers"], *row.get("accepted", [])]


def plain_answer(answer: Mapping[str, Any]) -> str:
    """The words of an answer without its citation markers."""
    return strip_markers(answer["answer"], {citation["n"] for citation in answer["citations"]})


def _answer_values(row: Row, given: Mapping[str, Any] | None) -> Values:
    if not given:
        return dict.fromkeys(("em", "f1", "contains", "facts"), 0.0)
    text, all_of = plain_answer(given), row.get("all_of", [])
    short = given.get("short_answer") or text
    accepted = accepted_answers(row) or [", ".join(ways[0] for ways in all_of)]
    facts = facts_told(text, all_of) if all_of else contains(text, accepted)
    return {
        "em": exact_match(short, accepted),
        "f1": f1(short, accepted),
        "contains": float(facts == 1.0),
        "facts": facts,
    }


def _citation_values(row: Row, given: Mapping[str, Any] | None) -> Values:
    accepted = accepted_answers(row) + [way for ways in row.get("all_of", []) for way in ways]
    judges: dict[str, citations.Judge] = {"quote": citations.exact_quote(accepted), "words": citations.words}
    if row["sources"]:
        judges["source"] = citations.gold_source(row["sources"])
    cited = cited_sentences(given) if given else []
    values: Values = {}
    for name, judge in judges.items():
        values[f"{name}_recall"] = citations.recall(cited, judge)
        values[f"{name}_precision"] = citations.precision(cited, judge)
    return values


def cited_sentences(answer: Mapping[str, Any]) -> list[tuple[str, list[citations.Cited]]]:
    """The sentences of an answer with what each cites. A number that no citation has is dropped."""
    known = {each["n"]: citations.Cited(each["source"], each["quote"]) for each in answer["citations"]}
    return [
        (sentence["text"], [known[n] for n in sentence["citations"] if n in known])
        for sentence in answer["sentences"]
    ]


def _means(values: list[Values], keys: tuple[str, ...]) -> dict[str, Estimate]:
    return dict(zip(keys, intervals.means(table(values, keys)), strict=True))


def table(values: list[Values], keys: tuple[str, ...]) -> Floats:
    """[questions, metrics], NaN where a metric does not apply."""
    rows = [[np.nan if each[key] is None else each[key] for key in keys] for each in values]
    return np.array(rows, dtype=np.float64).reshape(len(values), len(keys))


def _milliseconds(rows: list[Row], name: str) -> Floats:
    return np.array([row.get("measured_ms", {}).get(name, np.nan) for row in rows], dtype=np.float64)


def confidence(row: Row) -> float:
    """The confidence the assistant stated; 0 where it failed."""
    return float((row.get("answered") or {}).get("confidence", 0.0))


def was_given(row: Row) -> bool:
    """Whether an answer was given: neither refused nor failed."""
    return "error" not in row and bool(row["answered"]["status"] == "answered")


def _curve(rows: list[Row], values: list[Values]) -> abstention.Curve:
    sure, wrong, refused = _outcomes(rows, values)
    return abstention.risk_coverage(sure.tolist(), wrong.tolist(), refused.tolist())


def _outcomes(rows: list[Row], values: list[Values]) -> tuple[Floats, abstention.Bools, abstention.Bools]:
    """Confidence, wrong, refused of every question."""
    return (
        np.array([confidence(row) for row in rows]),
        np.array([not each["right"] for each in values]),
        np.array([not was_given(row) for row in rows]),
    )


def _aurc(rows: list[Row], values: list[Values], curve: abstention.Curve) -> Estimate:
    """The area with its interval: whole questions are drawn again, then the curve is taken anew."""
    areas = abstention.areas(*_outcomes(rows, values), intervals.draws(len(rows)))
    return intervals.of_draws(curve.area, areas, len(rows))


def _slices(rows: list[Row], values: list[Values]) -> dict[str, dict[str, dict[str, Estimate]]]:
    members: dict[str, dict[str, list[int]]] = {}
    for i, row in enumerate(rows):
        for kind, name in slices_of(row):
            members.setdefault(kind, {}).setdefault(name, []).append(i)
    return {
        kind: {
            name: {key: each for key, each in _means([values[i] for i in chosen], SLICED).items() if each.n}
            for name, chosen in sorted(names.items(), key=lambda item: (-len(item[1]), item[0]))
        }
        for kind, names in members.items()
    }
