"""What `rag eval` prints for a person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from eval.compare import Comparison
from eval.gate import Check
from eval.metrics import BY_KEY, METRICS
from eval.report import figure, interval
from eval.run import Run
from eval.score import Scores


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
    if run.footer.get("peak_memory_mib"):
        console.print(Text(f"Peak memory {run.footer['peak_memory_mib']} MiB."))
    if scores.errors:
        console.print(Text(f"{scores.errors} questions failed; they count as zero.", style="red"))
    if comparison:
        _show_comparison(comparison, console)
    if fitted:
        held = fitted["held_out"] or fitted["fitted"]
        console.print(
            f"Threshold {fitted['threshold']:.3f}: rejects {held['unanswerable_rejected']:.0%} of the"
            f" unanswerable and refuses {held['answerable_refused']:.0%} of the answerable questions"
            f" ({'held out' if fitted['held_out'] else 'as fitted'}, n = {fitted['n']})."
        )
    if checks:
        console.print(_gate(checks))


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


def _show_comparison(comparison: Comparison, console: Console) -> None:
    table = Table(title=f"Against the baseline, {comparison.shared} questions in both", title_justify="left")
    for name in ("Metric", "Before", "Change", "95 %", "Real?"):
        table.add_column(name, justify="left" if name in ("Metric", "Real?") else "right")
    for change in comparison.changes:
        metric = BY_KEY.get(change.key)
        unit = metric.unit if metric else "ms"
        verdict = {None: "no", True: "better", False: "worse"}[change.better]
        name = metric.title if metric else f"Mean {change.key.removesuffix('_ms').replace('_', ' ')}"
        table.add_row(
            name, figure(change.before, unit), figure(change.gain, unit), interval(change.gain, unit), verdict
        )
    console.print(table)
    if comparison.conditions:
        console.print(Text(f"Other conditions: {', '.join(comparison.conditions)}."))
    for mended, title in ((False, "Right before, wrong now"), (True, "Wrong before, right now")):
        flips = [flip for flip in comparison.flips if flip.mended is mended]
        console.print(Text(f"{title}: {len(flips)}", style="bold"))
        for flip in flips:
            console.print(
                Text(f"  {flip.id}: {flip.question}\n    before: {flip.before}\n    now: {flip.after}")
            )


def _gate(checks: Sequence[Check]) -> Table:
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
    return table
