"""The chunks of the index as a map, in inline SVG: neighbours say similar things, the last answer's are lit.

The two directions in which the chunk vectors differ most (principal components, Pearson 1901) span the map.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from rag.render import snippet
from rag.types import Chunk
from rag.web.fragments import render

MOST_POINTS = 1500
"""Drawn at most; of a larger index every n-th chunk, and those that are lit."""
_EDGE = 5.0
"""Per cent left free on every side."""
_WORDS = {
    "vi": {
        "label": "Bản đồ các đoạn văn",
        "about": "Mỗi chấm là một đoạn; chấm gần nhau có nội dung gần nhau.",
        "lit": "Chấm có số là đoạn tìm được cho câu trả lời gần nhất.",
        "unlit": "Hãy hỏi một câu: các đoạn tìm được sẽ sáng lên ở đây.",
        "part": "Chỉ vẽ {n} trong {all} đoạn.",
        "place": "đoạn tìm được thứ {n}",
    },
    "en": {
        "label": "Map of the passages",
        "about": "Each dot is a passage; near dots say similar things.",
        "lit": "Numbered dots are the passages found for the last answer.",
        "unlit": "Ask a question, and the passages found for it light up here.",
        "part": "Only {n} of {all} passages are drawn.",
        "place": "passage found, number {n}",
    },
}


@dataclass(frozen=True, slots=True)
class Point:
    """A chunk on the map: `x` and `y` in per cent from the upper left."""

    source: str
    start: int
    end: int
    ordinal: int
    begins: str
    """The beginning of its text."""
    x: float
    y: float


def points_of(chunks: Iterable[Chunk], vectors: npt.NDArray) -> list[Point]:
    """Every chunk at its place, in row order. `vectors` is [chunks, dimension]."""
    places = _EDGE + (100 - 2 * _EDGE) * project(vectors)
    return [
        Point(
            chunk.source,
            chunk.start,
            chunk.end,
            chunk.ordinal,
            snippet(chunk.text),
            round(float(x), 2),
            round(float(y), 2),
        )
        for chunk, (x, y) in zip(chunks, places, strict=True)
    ]


def project(vectors: npt.NDArray) -> npt.NDArray[np.float32]:
    """Vectors [n, dimension] → places [n, 2] from 0 to 1, the same for the same vectors.

    A direction in which nothing differs gives 0.5.
    """
    data = np.asarray(vectors, np.float32)
    centred = data - data.mean(axis=0)
    _, axes = np.linalg.eigh(centred.T @ centred)  # the last ones carry most
    axes = axes[:, :-3:-1]
    # An axis may point either way: its largest part shall be positive.
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), [0, 1]])
    places = centred @ axes
    low = places.min(axis=0)
    spread = places.max(axis=0) - low
    flat = spread < 1e-4
    return np.where(flat, 0.5, (places - low) / np.where(flat, 1, spread)).astype(np.float32)


def map_html(
    points: Sequence[Point], titles: Mapping[str, str], found: Sequence[Mapping[str, Any]], language: str
) -> str:
    """The map and a line that explains it; every value is escaped.

    Args:
        points: from `points_of`.
        titles: source → title of its article.
        found: the `retrieved` passages of the last answer, best first; each has `source` and `start`.
        language: `vi` or `en`, of the page.
    """
    words = _WORDS["vi" if language.startswith("vi") else "en"]
    numbers = {(passage["source"], passage["start"]): n for n, passage in enumerate(found, start=1)}
    lit = [(numbers.get((point.source, point.start), 0), point) for point in points]
    every = -(-len(points) // MOST_POINTS) or 1
    drawn = [(n, point) for row, (n, point) in enumerate(lit) if n or row % every == 0]
    # What is lit is drawn last, the best of it on top.
    drawn.sort(key=lambda pair: (pair[0] > 0, -pair[0]))
    shown = {n: words["place"].format(n=n) for n, _ in drawn if n}
    part = words["part"].format(n=len(drawn), all=len(points)) if len(drawn) < len(points) else ""
    return render(
        "map",
        language,
        points=drawn,
        titles=titles,
        places=shown,
        label=words["label"],
        about=" ".join(filter(None, (words["about"], words["lit" if shown else "unlit"], part))),
    )
