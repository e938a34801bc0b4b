"""The figures of the latest run, kept with the index they were taken on, for the page to show.

Plain data: names, values and the questions that went wrong. The page needs nothing of `eval` to read it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from eval.metrics import METRICS
from eval.report import OUTCOMES, outcome_of
from eval.run import Run
from eval.score import Scores

FILE = "evaluation.json"
"""In the index folder; `rag.web.evaluation` reads it."""
SCHEMA = 1
MOST_WRONG = 100


def summary(run: Run, scores: Scores, report: Path | None = None) -> dict[str, Any]:
    """What the page shows of a run, JSON-serialisable."""
    outcomes = [outcome_of(row, values) for row, values in zip(scores.rows, scores.values, strict=True)]
    worst_first = sorted(
        zip(outcomes, scores.rows, strict=True), key=lambda pair: list(OUTCOMES).index(pair[0])
    )
    wrong = [
        {
            "id": row["id"],
            "question": row["question"],
            "outcome": outcome,
            "answer": (row.get("answered") or {}).get("answer", row.get("error", "")),
            "accepted": [*row["answers"], *(ways[0] for ways in row.get("all_of", []))],
        }
        for outcome, row in worst_first
        if outcome not in ("right", "kept")
    ]
    return {
        "schema": SCHEMA,
        "name": run.header["name"],
        "date": run.footer.get("date") or run.header["date"],
        "questions": run.header["questions"],
        "articles": run.header["corpus"]["articles"],
        "engines": sorted({row["answered"]["engine"] for row in scores.rows if "answered" in row}),
        "outcomes": {name: outcomes.count(name) for name in OUTCOMES},
        "metrics": [
            {
                "key": metric.key,
                "title": metric.title,
                "group": metric.group,
                "better": metric.better,
                "unit": metric.unit,
                "formula": metric.formula,
                **scores.summary[metric.key].to_dict(),
            }
            for metric in METRICS
            if metric.key in scores.summary
        ],
        "wrong": wrong[:MOST_WRONG],
        "report": str(report.resolve()) if report else "",
    }


def store_summary(index_dir: Path, content: dict[str, Any]) -> Path:
    """Write it beside the index, in one rename. Returns the file."""
    index_dir.mkdir(parents=True, exist_ok=True)
    path = index_dir / FILE
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    draft.replace(path)
    return path
