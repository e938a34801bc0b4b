"""Articles along time, as inline SVG: one dot an article, where its date is known.

Positions across are percentages and everything else is in CSS pixels, so text and dots keep their size on a
phone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from rag.render import reader_date
from rag.types import Article
from rag.web.fragments import render

ROW = 18
"""Pixels between two dots above each other."""
_GAP = 4.4
"""Per cent of the width between two dots beside each other: 15 pixels on a phone."""
_EDGE = 7.0
"""Per cent of the width left free on either side."""
_MOST_STEPS = 5
_STEPS = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 2400, 6000, 12000, 24000)
"""Months between two ticks."""
_WORDS = {
    "vi": {
        "label": "Dòng thời gian của các bài",
        "undated": "{n} bài không rõ ngày.",
        "none": "Không có bài nào rõ ngày.",
    },
    "en": {
        "label": "Articles along time",
        "undated": "{n} articles without a date.",
        "none": "No article has a date.",
    },
}


@dataclass(frozen=True, slots=True)
class Dot:
    """Where an article stands: `x` in per cent of the width, `row` from the axis up, from 0."""

    article: Article
    x: float
    row: int


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark of the axis: `x` in per cent of the width."""

    label: str
    x: float


def timeline_html(articles: Sequence[Article], language: str) -> str:
    """The timeline, and below it how many articles it cannot place; every value is escaped.

    Args:
        articles: those of the index, in any order.
        language: `vi` or `en`, of the page.
    """
    dots, ticks = layout(articles, language)
    words = _WORDS["vi" if language.startswith("vi") else "en"]
    undated = len(articles) - len(dots)
    base = (max((dot.row for dot in dots), default=0) + 1) * ROW + 8
    note = words["undated"].format(n=undated) if undated else ""
    return render(
        "timeline",
        language,
        dots=[(dot, base - ROW * dot.row - 14) for dot in dots],
        ticks=ticks,
        base=base,
        label=words["label"],
        note=note if dots else words["none"],
    )


def layout(articles: Sequence[Article], language: str) -> tuple[list[Dot], list[Tick]]:
    """Dots by date, and the ticks of the axis; articles without a date give no dot."""
    dated = sorted(
        ((day, article) for article in articles if (day := _day(article.published))),
        key=lambda pair: (pair[0], pair[1].source),
    )
    if not dated:
        return [], []
    first, step, count = _axis(_month(dated[0][0]), _month(dated[-1][0]))
    moments = [_of_month(first + step * number) for number in range(count + 1)]
    start, end = moments[0].toordinal(), moments[-1].toordinal()

    def across(day: date) -> float:
        return round(_EDGE + (100 - 2 * _EDGE) * (day.toordinal() - start) / (end - start), 2)

    dots: list[Dot] = []
    last_of_row: list[float] = []
    for day, article in dated:
        x = across(day)
        row = next((n for n, last in enumerate(last_of_row) if x - last >= _GAP), len(last_of_row))
        last_of_row[row : row + 1] = [x]
        dots.append(Dot(article, x, row))
    return dots, [Tick(_name(moment, step, language), across(moment)) for moment in moments]


def _axis(first: int, last: int) -> tuple[int, int, int]:
    """The month of the first tick, the months between two, and how many steps lead past the last month."""
    for step in _STEPS:
        begin = first // step * step
        count = (last - begin) // step + 1
        if count <= _MOST_STEPS:
            break
    return begin, step, count


def _name(moment: date, step: int, language: str) -> str:
    return f"{moment.year}" if step % 12 == 0 else reader_date(f"{moment:%Y-%m}", language)


def _month(day: date) -> int:
    return day.year * 12 + day.month - 1


def _of_month(month: int) -> date:
    """The first of a month, counted from the year 0; what no calendar holds is its first or last month."""
    return date(min(max(month // 12, 1), 9999), month % 12 + 1, 1)


def _day(published: str | None) -> date | None:
    """`2023-12` stands in the middle of its month; what is no date is none."""
    try:
        return date.fromisoformat(published if published and len(published) > 7 else f"{published}-15")
    except ValueError:
        return None
