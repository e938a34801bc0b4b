"""The confidence below which a question counts as not answerable, as fitted to an index, if it was."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

FILE = "calibration.json"
"""In the index folder, beside the generations, so that indexing again leaves it there."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """What `rag eval --calibrate` found."""

    threshold: float
    fitted_on: str = ""
    """Name of the question set."""
    n: int = 0
    date: str = ""
    """ISO 8601, UTC."""

    def __str__(self) -> str:
        """`0.61, fitted on my-questions (n = 120, 2026-11-22)`."""
        if not self.fitted_on:
            return f"{self.threshold:.2f}"
        return f"{self.threshold:.2f}, fitted on {self.fitted_on} (n = {self.n}, {self.date[:10]})"


def read_calibration(index_dir: Path, judged_by: str) -> Calibration | None:
    """The calibration stored with an index; None if there is none, or none for confidences of this kind.

    Args:
        judged_by: what confidences come from, as `rag.reading.judged_by` says.
    """
    try:
        stored = json.loads((index_dir / FILE).read_text(encoding="utf-8"))
        if stored.get("judged_by", judged_by) != judged_by:
            return None
        about = {key: stored[key] for key in ("fitted_on", "n", "date") if key in stored}
        return Calibration(float(stored["threshold"]), **about)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
