"""How right the answers were when `rag eval` was last run over this index.

The evaluation writes `evaluation.json` into the index folder; what is read from it is shown as text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from rag.render import reader_date
from rag.web.evaluation_texts import evaluation_texts, metric_title
from rag.web.feedback import FEEDBACK
from rag.web.fragments import render

FILE = "evaluation.json"
_SCHEMA = 1
_HEADLINES = ("right", "fooled", "refused", "verbatim", "total_p50")
_COMMAND = "rag eval"


@dataclass(frozen=True, slots=True)
class Figure:
    """One metric, ready to be shown."""

    key: str
    title: str
    group: str
    formula: str
    better: str
    value: str
    interval: str
    n: int
    share: float | None
    """0..1 for a bar; None for times and counts."""


def evaluation_html(index_dir: Path, language: str) -> str:
    """The latest evaluation as a table, or how to make one; every value is escaped."""
    words = evaluation_texts(language)
    told = render("feedback", language, e=words, path=index_dir / FEEDBACK, n=_lines(index_dir / FEEDBACK))
    try:
        content = json.loads((index_dir / FILE).read_text("utf-8"))
        return _shown(content, words, language) + told
    except FileNotFoundError:
        problem = "none"
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        problem = "broken"
    return render("evaluation", language, e=words, problem=words[problem], command=_COMMAND) + told


def _lines(file: Path) -> int:
    try:
        return file.read_bytes().count(b"\n")
    except OSError:
        return 0


def _shown(content: Mapping[str, Any], words: Mapping[str, str], language: str) -> str:
    if content["schema"] != _SCHEMA:
        raise ValueError("written by another version")
    figures = [
        _figure(metric, words, language) for metric in content["metrics"] if metric["value"] is not None
    ]
    by_key = {figure.key: figure for figure in figures}
    day = datetime.fromisoformat(content["date"]).date().isoformat()
    wrong = [
        {**row, "outcome": words.get(f"outcome_{row['outcome']}", row["outcome"])} for row in content["wrong"]
    ]
    return render(
        "evaluation",
        language,
        e=words,
        problem="",
        command=_COMMAND,
        about=words["about"].format(
            questions=content["questions"],
            name=content["name"],
            articles=content["articles"],
            date=reader_date(day, language),
            engines=", ".join(content["engines"]),
        ),
        headlines=[by_key[key] for key in _HEADLINES if key in by_key],
        figures=figures,
        wrong=wrong,
        report=content["report"],
    )


def _figure(metric: Mapping[str, Any], words: Mapping[str, str], language: str) -> Figure:
    unit, value = metric["unit"], float(metric["value"])
    ends = [metric["low"], metric["high"]]
    return Figure(
        key=metric["key"],
        title=metric_title(language, metric["key"], metric["title"]),
        group=words.get(f"group_{metric['group']}", metric["group"]),
        formula=metric["formula"],
        better=metric["better"],
        value=_number(value, unit, language),
        interval="" if None in ends else " – ".join(_number(float(end), unit, language) for end in ends),
        n=int(metric["n"]),
        share=min(max(value, 0.0), 1.0) if unit == "share" else None,
    )


def _number(value: float, unit: str, language: str) -> str:
    """93.4 %, 1.25 s, 180; 93,4 % in Vietnamese. Spaces do not break."""
    if unit == "share":
        told = f"{100 * value:.1f}\u00a0%"
    elif unit == "ms":
        told = f"{value / 1000:.2f}\u00a0s" if value >= 1000 else f"{value:.0f}\u00a0ms"
    else:
        told = f"{value:.0f}"
    return told.replace(".", ",") if language.startswith("vi") else told
