"""What `rag eval` prints, for a person and for a machine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from eval.compare import Comparison
from eval.dataset import MODES
from eval.gate import Check
from eval.intervals import Estimate
from eval.metrics import BY_KEY, METRICS
from eval.report import OUTCOMES, POINTS, figure, interval, outcome_of, signed
from eval.run import Run
from eval.score import Scores

MOST_SLICES = 12
"""Slices of one kind that are printed."""


def show(
    run: Run,
    scores: Scores,
    comparison: Comparison | None = None,
    fitted: dict[str, Any] | None = None,
    checks: Sequence[Check] = (),
    console: Console | None = None,
) -> None:
    """Print the figures of a run, then what else was asked for."""
    console = console or Console()
    console.print(_figures(run, scores))
    console.print(Text(conditions(run), style="dim"))
    console.print(_slices(scores))
    if scores.errors:
        console.print(Text(f"{scores.errors} questions failed; they count as zero.", style="red"))
    if comparison:
        _show_comparison(comparison, console)
    if fitted:
        console.print(_calibration(fitted))
    if checks:
        _show_gate(checks, scores, console)


def conditions(run: Run) -> str:
    """How the run was made, in one line."""
    head = run.header
    engines = sorted({row["answered"]["engine"] for row in run.rows if "answered" in row})
    settings = head["settings"]
    parts = [f"Mode {head['mode']}: {MODES[head['mode']]}", f"engine {', '.join(engines) or 'none'}"]
    languages = Counter(row["lang"] for row in run.rows).most_common()
    parts.append(f"questions {', '.join(f'{lang} {n}' for lang, n in languages)}")
    if "passages" in settings:
        parts.append(f"{settings['passages']} passages")
    if "threshold" in settings:
        parts.append(f"refuses below confidence {settings['threshold']:.2f}")
    if run.footer.get("peak_memory_mib"):
        parts.append(f"peak memory {run.footer['peak_memory_mib']} MiB")
    return "; ".join(parts) + "."


def _figures(run: Run, scores: Scores) -> Table:
    head = run.header
    title = f"{head['name']}: {head['questions']} questions, {head['corpus']['articles']} articles"
    table = Table(title=title, title_justify="left")
    for name in ("Metric", "Value", "95 %", "n"):
        table.add_column(name, justify="left" if name == "Metric" else "right", no_wrap=name != "Metric")
    group = METRICS[0].group
    for metric in METRICS:
        if metric.key not in scores.summary:
            continue
        if metric.group != group:
            table.add_section()
            group = metric.group
        estimate = scores.summary[metric.key]
        arrow = "↑" if metric.better == "high" else "↓"
        table.add_row(
            f"{metric.title} {arrow}",
            figure(estimate, metric.unit),
            interval(estimate, metric.unit),
            str(estimate.n),
        )
    return table


def _slices(scores: Scores) -> Table:
    """Right outcomes of every kind of slice that has at least two; of many articles the worst."""
    table = Table(title="Right outcome by slice", title_justify="left")
    for name in ("Slice", "", "Right", "95 %", "n"):
        table.add_column(name, justify="left" if name in ("Slice", "") else "right", no_wrap=True)
    for kind, names in scores.slices.items():
        chosen = [(name, each["right"]) for name, each in names.items() if "right" in each]
        if len(chosen) < 2:
            continue
        label = kind
        if len(chosen) > MOST_SLICES:
            chosen = sorted(chosen, key=lambda pair: pair[1].value)[:MOST_SLICES]
            label = f"{kind}, worst {MOST_SLICES} of {len(names)}"
        table.add_section()
        for place, (name, estimate) in enumerate(chosen):
            table.add_row("" if place else label, name, figure(estimate), interval(estimate), str(estimate.n))
    return table


def _show_comparison(comparison: Comparison, console: Console) -> None:
    table = Table(title=f"Against the baseline, {comparison.shared} questions in both", title_justify="left")
    for name in ("Metric", "Before", "Change", "95 %", "Real?"):
        table.add_column(name, justify="left" if name in ("Metric", "Real?") else "right")
    for change in comparison.changed:
        verdict = {None: "no", True: "better", False: "worse"}[change.better]
        table.add_row(
            change.title,
            figure(change.before, change.unit),
            signed(change.gain.value, change.unit),
            interval(change.gain, POINTS.get(change.unit, change.unit)),
            verdict,
        )
    if comparison.changed:
        console.print(table)
    if same := [change.title for change in comparison.changes if change not in comparison.changed]:
        console.print(Text(f"The same for every question: {', '.join(same)}."))
    if comparison.conditions:
        console.print(Text(f"Other conditions: {', '.join(comparison.conditions)}."))
    for mended, title in ((False, "Right before, wrong now"), (True, "Wrong before, right now")):
        flips = [flip for flip in comparison.flips if flip.mended is mended]
        console.print(Text(f"{title}: {len(flips)}", style="bold"))
        for flip in flips:
            console.print(
                Text(f"  {flip.id}: {flip.question}\n    before: {flip.before}\n    now: {flip.after}")
            )


def _calibration(fitted: dict[str, Any]) -> Text:
    held = fitted["held_out"] or fitted["fitted"]
    return Text(
        f"Threshold {fitted['threshold']:.3f}{'' if fitted['of_use'] else ', not stored'}: rejects"
        f" {held['unanswerable_rejected']:.0%} of the {fitted['unanswerable']} unanswerable and refuses"
        f" {held['answerable_refused']:.0%} of the {fitted['answerable']} answerable questions"
        f" ({'when they were left out of the fit' if fitted['held_out'] else 'as fitted'})."
    )


def _show_gate(checks: Sequence[Check], scores: Scores, console: Console) -> None:
    table = Table(title="Gate", title_justify="left")
    for name in ("Metric", "Value", "Bound", ""):
        table.add_column(name, justify="right" if name in ("Value", "Bound") else "left")
    for each in checks:
        metric = BY_KEY[each.key]
        bound = ("≥ " if metric.better == "high" else "≤ ") + figure(each.bound, metric.unit)
        value = "none" if each.value is None else figure(each.value, metric.unit)
        table.add_row(
            metric.title, value, bound, Text("holds", "green") if each.passed else Text("FAILS", "bold red")
        )
    console.print(table)
    for each in checks:
        if not each.passed:
            console.print(Text(f"{BY_KEY[each.key].title} = {BY_KEY[each.key].formula}."))
    outcomes = [
        (row["id"], outcome_of(row, values)) for row, values in zip(scores.rows, scores.values, strict=True)
    ]
    wrong = [f"{id} {OUTCOMES[outcome]}" for id, outcome in outcomes if outcome not in ("right", "kept")]
    console.print(Text(f"Not right, {len(wrong)} of {len(outcomes)}: {'; '.join(wrong) or 'none'}."))


def as_data(
    run: Run,
    scores: Scores,
    comparison: Comparison | None = None,
    fitted: dict[str, Any] | None = None,
    checks: Sequence[Check] = (),
) -> dict[str, Any]:
    """The object that `--json` prints."""
    data: dict[str, Any] = {
        "run": run.header,
        "errors": scores.errors,
        "peak_memory_mib": run.footer.get("peak_memory_mib"),
        "metrics": _as_data(scores.summary),
        "slices": {
            kind: {name: _as_data(values) for name, values in names.items()}
            for kind, names in scores.slices.items()
        },
    }
    if comparison:
        data["baseline"] = {
            "shared": comparison.shared,
            "conditions": comparison.conditions,
            "changes": {
                each.key: {"before": each.before, "gain": each.gain.to_dict(), "p": each.p, "real": each.real}
                for each in comparison.changes
            },
            "flips": [asdict(flip) for flip in comparison.flips],
        }
    if fitted:
        data["calibration"] = fitted
    if checks:
        data["gate"] = [asdict(each) for each in checks]
    return data


def _as_data(estimates: Mapping[str, Estimate]) -> dict[str, Any]:
    return {key: estimate.to_dict() for key, estimate in estimates.items()}
