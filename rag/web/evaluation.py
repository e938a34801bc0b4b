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
from rag.web.feedback import FEEDBACK
from rag.web.fragments import render

FILE = "evaluation.json"
_SCHEMA = 1
_HEADLINES = ("right", "fooled", "refused", "verbatim", "total_p50")
_COMMAND = "rag eval"

_WORDS: dict[str, dict[str, str]] = {
    "vi": {
        "heading": "Đúng đến đâu?",
        "none": "Chưa có lần đánh giá nào cho chỉ mục này.",
        "how": "Hãy chạy lệnh này rồi mở lại trang:",
        "broken": "Không đọc được kết quả đánh giá; hãy chạy lại lệnh này:",
        "about": "{questions} câu hỏi ({name}) trên {articles} bài, ngày {date}, trả lời bởi {engines}.",
        "metric": "Thước đo",
        "value": "Giá trị",
        "interval": "Khoảng tin cậy 95 %",
        "n": "Số câu",
        "high": "càng cao càng tốt",
        "low": "càng thấp càng tốt",
        "all": "Mọi số đo",
        "wrong": "Những câu chưa đúng",
        "wrong_none": "Câu nào cũng đúng.",
        "accepted": "Đáp án",
        "report": "Báo cáo đầy đủ",
        "feedback": "Góp ý của người đọc: {n} câu hỏi. Để đo trên các câu đó:",
        "honest": "Đo trên chính các câu hỏi này; với câu hỏi khác, kết quả có thể khác.",
        "right": "Kết quả đúng",
        "fooled": "Không có đáp án mà vẫn trả lời",
        "refused": "Có đáp án mà từ chối",
        "verbatim": "Trích dẫn đúng chỗ trong bài",
        "total_p50": "Thời gian trả lời (trung vị)",
        "outcome_failed": "lỗi",
        "outcome_wrong": "trả lời sai",
        "outcome_fooled": "lẽ ra phải từ chối",
        "outcome_refused": "từ chối dù có đáp án",
        "outcome_right": "đúng",
        "outcome_kept": "từ chối đúng",
    },
    "en": {
        "heading": "How right is it?",
        "none": "This index has not been evaluated yet.",
        "how": "Run this command, then open the page again:",
        "broken": "The result of the evaluation cannot be read; run this command again:",
        "about": "{questions} questions ({name}) over {articles} articles, {date}, answered by {engines}.",
        "metric": "Metric",
        "value": "Value",
        "interval": "95 % interval",
        "n": "Questions",
        "high": "higher is better",
        "low": "lower is better",
        "all": "All figures",
        "wrong": "What went wrong",
        "wrong_none": "Every question came out right.",
        "accepted": "Expected",
        "report": "Full report",
        "feedback": "Feedback of readers: {n} questions. To measure on them:",
        "honest": "Measured on these questions; others may come out differently.",
        "right": "Right outcome",
        "fooled": "Answered though there is no answer",
        "refused": "Refused though there is an answer",
        "verbatim": "Quotes that stand where they say",
        "total_p50": "Time for an answer (median)",
        "outcome_failed": "failed",
        "outcome_wrong": "wrong answer",
        "outcome_fooled": "should have refused",
        "outcome_refused": "refused, though it can be answered",
        "outcome_right": "right",
        "outcome_kept": "rightly refused",
    },
}


@dataclass(frozen=True, slots=True)
class Figure:
    """One metric, ready to be shown."""

    key: str
    title: str
    formula: str
    better: str
    value: str
    interval: str
    n: int
    share: float | None
    """0..1 for a bar; None for times and counts."""


def evaluation_html(index_dir: Path, language: str) -> str:
    """The latest evaluation as a table, or how to make one; every value is escaped."""
    words = _WORDS["vi" if language.startswith("vi") else "en"]
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
    figures = [_figure(metric, words) for metric in content["metrics"] if metric["value"] is not None]
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


def _figure(metric: Mapping[str, Any], words: Mapping[str, str]) -> Figure:
    unit, value = metric["unit"], float(metric["value"])
    ends = [metric["low"], metric["high"]]
    return Figure(
        key=metric["key"],
        title=words[metric["key"]] if metric["key"] in _HEADLINES else metric["title"],
        formula=metric["formula"],
        better=words[metric["better"]],
        value=_number(value, unit),
        interval="" if None in ends else " – ".join(_number(float(end), unit) for end in ends),
        n=int(metric["n"]),
        share=min(max(value, 0.0), 1.0) if unit == "share" else None,
    )


def _number(value: float, unit: str) -> str:
    """93.4 %, 1.25 s, 180; spaces do not break."""
    if unit == "share":
        return f"{100 * value:.1f}\u00a0%"
    if unit == "ms":
        return f"{value / 1000:.2f}\u00a0s" if value >= 1000 else f"{value:.0f}\u00a0ms"
    return f"{value:.0f}"
