"""A floor under the quality: a short fixed slice of questions, and what each figure must reach on it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.dataset import DatasetError
from eval.intervals import Estimate
from eval.metrics import BY_KEY

FILE = Path(__file__).parent / "gate.toml"


@dataclass(frozen=True)
class Gate:
    """Ids of the questions, in order, and the bound of each metric: a floor where high is good, else a
    ceiling."""

    ids: tuple[str, ...]
    bounds: dict[str, float]


@dataclass(frozen=True)
class Check:
    """One metric against its bound."""

    key: str
    value: float | None
    """None when the slice gave no value: that fails, whatever the bound."""
    bound: float
    passed: bool


def load_gate(path: Path = FILE) -> Gate:
    """Read a gate.

    Raises:
        DatasetError: the file cannot be read, names an unknown metric, or holds no ids or no bounds.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        gate = Gate(tuple(map(str, content["ids"])), {key: float(v) for key, v in content["bounds"].items()})
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DatasetError(
            f"The gate {path} cannot be read: {error!r}.", "It needs ids and [bounds]."
        ) from None
    unknown = [key for key in gate.bounds if key not in BY_KEY]
    if unknown or not gate.ids or not gate.bounds:
        fault = f"knows no metric {unknown[0]!r}" if unknown else "has no ids or no bounds"
        raise DatasetError(f"The gate {path} {fault}.", f"The metrics are {', '.join(BY_KEY)}.")
    return gate


def check(gate: Gate, summary: Mapping[str, Estimate]) -> list[Check]:
    """Every bound of the gate against the figures of a run, in the order of the file."""
    return [_check(key, bound, summary.get(key)) for key, bound in gate.bounds.items()]


def _check(key: str, bound: float, estimate: Any) -> Check:
    if estimate is None or not estimate.n:
        return Check(key, None, bound, False)
    high = BY_KEY[key].better == "high"
    # Figures are means of many small shares; a last bit must not close the gate.
    passed = estimate.value >= bound - 1e-9 if high else estimate.value <= bound + 1e-9
    return Check(key, estimate.value, bound, bool(passed))
