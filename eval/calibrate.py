"""Fit the confidence below which nothing counts as found, and store it with the index if it is of use."""

from __future__ import annotations

import json
import math
import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from eval.metrics.abstention import best_threshold
from eval.run import Run, RunError
from eval.score import Row
from rag.calibration import FILE

REFUSED = 0.10
"""Share of the answerable questions that may be refused."""
ENOUGH = 30
"""Fewer questions than this on either side make the threshold a guess."""
FOLDS = 5


def calibrate(run: Run, refused: float = REFUSED) -> dict[str, Any]:
    """The threshold that parts unanswerable questions from the others best (`best_threshold`).

    Uses the confidence of retrieval, which is what the assistant holds against the threshold before it
    answers, so the threshold in force during the run does not matter. `held_out` says what the same
    procedure reaches on questions it was not fitted on (five folds), which is what to expect of new
    questions; `of_use` is false when it rejects unanswerable ones there no more surely than answerable ones.

    Raises:
        RunError: one of the two kinds of question is missing, or the assistant states no confidence.
    """
    rows = [row for row in run.rows if "error" not in row]
    answerable = np.array([_sure(row) for row in rows if row["answerable"]])
    unanswerable = np.array([_sure(row) for row in rows if not row["answerable"]])
    if not len(answerable) or not len(unanswerable):
        raise RunError(
            "A threshold needs answerable and unanswerable questions.",
            'Add questions with "answerable": false that look as if the articles could answer them.',
        )
    if len({*answerable.tolist(), *unanswerable.tolist()}) == 1:
        raise RunError("The assistant was equally sure of every question.", "There is nothing to fit.")
    threshold = best_threshold(answerable.tolist(), unanswerable.tolist(), refused)
    held_out = _held_out(answerable, unanswerable, refused)
    return {
        "threshold": round(threshold, 6),
        "criterion": "greatest share of the unanswerable rejected less share of the answerable refused,"
        f" of which at most {refused:.0%}",
        "fitted_on": run.header["name"],
        "corpus_sha256": run.header["corpus"]["sha256"],
        "n": len(rows),
        "answerable": len(answerable),
        "unanswerable": len(unanswerable),
        "fitted": _shares(answerable, unanswerable, threshold),
        "held_out": held_out,
        "of_use": _of_use(held_out, len(answerable), len(unanswerable)),
        "warning": _warning(len(answerable), len(unanswerable)),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def store_calibration(index_dir: Path, calibration: dict[str, Any]) -> Path:
    """Write `calibration.json` into the index folder, whole or not at all. Returns its path.

    Raises:
        RunError: the folder is not there or cannot be written.
    """
    path = index_dir / FILE
    try:
        handle, name = tempfile.mkstemp(dir=index_dir, prefix=FILE, suffix=".new")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(calibration, file, ensure_ascii=False, indent=2)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except OSError as error:
        raise RunError(
            f"The calibration cannot be stored in {index_dir}: {error}.", "Run `rag index` first."
        ) from None
    return path


def _sure(row: Row) -> float:
    return float(row["answered"]["answerable"]) if row.get("answered") else 0.0


def _shares(answerable: Any, unanswerable: Any, threshold: float) -> dict[str, float]:
    return {
        "answerable_refused": round(float((answerable < threshold).mean()), 4),
        "unanswerable_rejected": round(float((unanswerable < threshold).mean()), 4),
    }


def _held_out(answerable: Any, unanswerable: Any, refused: float) -> dict[str, float] | None:
    """Fit on four fifths, count on the fifth left out, five times; None for fewer than five of a kind."""
    if min(len(answerable), len(unanswerable)) < FOLDS:
        return None
    draw = np.random.default_rng(0)
    parts = [np.array_split(draw.permutation(values), FOLDS) for values in (answerable, unanswerable)]
    counts = [0, 0]
    for fold in range(FOLDS):
        kept = [np.concatenate(side[:fold] + side[fold + 1 :]).tolist() for side in parts]
        threshold = best_threshold(kept[0], kept[1], refused)
        counts = [
            count + int((side[fold] < threshold).sum()) for count, side in zip(counts, parts, strict=True)
        ]
    return {
        "answerable_refused": round(counts[0] / len(answerable), 4),
        "unanswerable_rejected": round(counts[1] / len(unanswerable), 4),
    }


def _of_use(held_out: dict[str, float] | None, answerable: int, unanswerable: int) -> bool:
    """Whether the share rejected exceeds the share refused by more than chance: 1.96 standard errors."""
    if held_out is None:
        return False
    lost, won = held_out["answerable_refused"], held_out["unanswerable_rejected"]
    error = math.sqrt(lost * (1 - lost) / answerable + won * (1 - won) / unanswerable)
    return won - lost > 1.96 * error


def _warning(answerable: int, unanswerable: int) -> str:
    if min(answerable, unanswerable) >= ENOUGH:
        return ""
    return (
        f"Fitted on {answerable} answerable and {unanswerable} unanswerable questions only: "
        f"with fewer than {ENOUGH} of either kind the threshold is a guess."
    )
