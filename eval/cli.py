"""The command `rag eval`, also `python -m eval`: run, score, compare, report, calibrate, draft, gate."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import typer

from rag.flags import FAILED, Corpus, Debug, Index, Json, Llm, Passages, print_json, say

if TYPE_CHECKING:
    from eval.dataset import Dataset, Mode
    from eval.run import Progress, Run
    from rag.assistant import Assistant
    from rag.settings import Settings

OWN = Path(__file__).parent / "questions"

app = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False, add_completion=False)

Questions = Annotated[
    list[Path] | None,
    typer.Argument(help="Question files (.jsonl, or SQuAD v1.1 .json), or a folder; ours by default."),
]
Limit = Annotated[int | None, typer.Option(min=1, help="Ask only this many, drawn by --seed.")]
ModeFlag = Annotated[
    str,
    typer.Option(
        help="open: search everything; gold: only the right sources; removed: all but those; "
        "mixed: removed for every second question."
    ),
]
CorpusFrom = Annotated[
    Path | None,
    typer.Option(
        help="SQuAD file with the same ids, whose paragraphs are searched instead of the questions' own."
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(help="Save the run here; goes on with it when it exists. With --draft: the question file."),
]
Saved = Annotated[Path | None, typer.Option("--run", help="Ask nothing: score this saved run.")]
Baseline = Annotated[Path | None, typer.Option(help="Saved run to compare with.")]
Report = Annotated[Path | None, typer.Option(help="Write a report to this HTML file.")]
Draft = Annotated[int | None, typer.Option(min=1, help="Propose questions until this many are accepted.")]

Seed = Annotated[int, typer.Option(help="Draws the questions of --limit and the sentences of --draft.")]
Unaccented = Annotated[bool, typer.Option("--unaccented", help="Strip the questions' diacritics.")]
Calibrate = Annotated[
    bool,
    typer.Option(
        "--calibrate", help="Fit when to refuse, and store it with the index if new questions gain from it."
    ),
]
Gate = Annotated[
    bool, typer.Option("--gate", help="Ask the questions of eval/gate.toml; exit code 1 outside its bounds.")
]
CheckFlag = Annotated[
    bool, typer.Option("--check", help="Only check that the answers stand in their sources.")
]


@app.command(context_settings={"help_option_names": ["-h", "--help"]})
def evaluate(
    questions: Questions = None,
    corpus: Corpus = None,
    index: Index = None,
    llm: Llm = None,
    passages: Passages = None,
    limit: Limit = None,
    seed: Seed = 0,
    mode: ModeFlag = "open",
    corpus_from: CorpusFrom = None,
    unaccented: Unaccented = False,
    out: Out = None,
    saved: Saved = None,
    baseline: Baseline = None,
    report: Report = None,
    as_json: Json = False,
    calibrate: Calibrate = False,
    draft: Draft = None,
    gate: Gate = False,
    check: CheckFlag = False,
    debug: Debug = False,
) -> None:
    """Measure how right the answers are: ask every question, save the run, score it.

    \b
    Examples:
      rag eval --report report.html
      rag eval --llm extractive --limit 20
      rag eval --out runs/new.jsonl --baseline runs/old.jsonl
      rag eval my-questions.jsonl --corpus my-articles --calibrate
      rag eval xquad.vi.json --mode removed --limit 100
      rag eval xquad.en.json --corpus-from xquad.vi.json
    """
    from eval.dataset import MODES
    from eval.run import read

    if mode not in MODES:
        raise typer.BadParameter(f"must be one of {', '.join(MODES)}.", param_hint="--mode")

    try:
        settings = _settings(questions, corpus_from, corpus=corpus, index=index, llm=llm, passages=passages)
        if draft:
            _draft(settings, draft, seed, out or Path("drafts.jsonl"))
            return
        if saved:
            run = read(saved)
        else:
            dataset = _dataset(questions, corpus_from, mode, unaccented, limit, seed, gate)
            if check:
                _check(dataset, settings)
                return
            run = _run(dataset, settings, out or _new_run(dataset.name))
        # A saved run may be one over another index.
        _tell(run, settings, baseline, report, as_json, calibrate, gate, keep=not saved)
    except Exception:
        if debug:
            import traceback

            traceback.print_exc()
        raise


def main(argv: Sequence[str] | None = None) -> None:
    """Run `rag eval` with these arguments, with its error messages and exit codes."""
    from rag.cli import app as rag

    rag(args=["eval", *(sys.argv[1:] if argv is None else argv)], prog_name="rag")


def _settings(questions: list[Path] | None, corpus_from: Path | None, **flags: Any) -> Settings:
    """The settings; for a SQuAD file its own paragraphs are the corpus, unless --corpus names another."""
    from eval.corpora import is_squad, write_corpus
    from rag.settings import load_settings

    settings = load_settings(**flags)
    squad = corpus_from or next((path for path in questions or () if is_squad(path)), None)
    if squad is None or flags["corpus"]:
        return settings
    corpus = write_corpus(squad, settings.cache)
    return load_settings(**{**flags, "corpus": corpus, "index": flags["index"] or corpus.parent / "index"})


def _dataset(
    questions: list[Path] | None,
    corpus_from: Path | None,
    mode: Mode,
    unaccented: bool,
    limit: int | None,
    seed: int,
    gate: bool,
) -> Dataset:
    from eval import dataset
    from eval.gate import load_gate

    chosen = dataset.load(questions or [OWN])
    if gate:
        chosen = dataset.select(chosen, load_gate().ids)
    if corpus_from:
        chosen = dataset.ask_elsewhere(chosen, dataset.load([corpus_from]))
    chosen = dataset.in_mode(dataset.sample(chosen, limit, seed), mode)
    return dataset.without_diacritics(chosen) if unaccented else chosen


def _new_run(name: str) -> Path:
    """A file that no other run writes, one begun in the same second included."""
    return Path("runs") / f"{datetime.now():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}-{name}.jsonl"


def _run(dataset: Dataset, settings: Settings, out: Path) -> Run:
    from eval.run import run

    say(f"Saving to {out}; if interrupted, name it with --out to go on.")
    with _indexed(settings) as assistant, _progress(len(dataset.questions)) as progress:
        return run(
            dataset,
            assistant,
            out,
            settings=_conditions(settings),
            prompts=_prompt_hashes(settings),
            progress=progress,
            warm_up=True,
        )


@contextmanager
def _indexed(settings: Settings) -> Iterator[Assistant]:
    """An assistant whose index is in step with the corpus folder."""
    from rag.assistant import Assistant
    from rag.render import ProgressBars

    with closing(ProgressBars(sys.stderr)) as bars, closing(Assistant.open(settings, bars)) as assistant:
        assistant.index(progress=bars)
        bars.close()
        yield assistant


def _conditions(settings: Settings) -> dict[str, Any]:
    """The settings that answers depend on: no folders of this machine, no user or password of a server."""
    from rag.reading import threshold

    chosen = settings.model_dump(mode="json", exclude={"corpus", "index", "cache", "prompts", "base_url"})
    if settings.base_url:
        address = urlsplit(settings.base_url)
        chosen["base_url"] = f"{address.scheme}://{address.hostname}:{address.port or ''}{address.path}"
    chosen["threshold"] = threshold(settings)
    return chosen


def _prompt_hashes(settings: Settings) -> dict[str, str]:
    from rag.prompts import load_prompt

    return {name: load_prompt(name, settings.prompts).sha256 for name in ("answer", "standalone")}


@contextmanager
def _progress(total: int) -> Iterator[Progress]:
    """A bar with the time that remains on standard error; a line every tenth into a file."""
    if not sys.stderr.isatty():
        step = max(1, total // 10)
        yield lambda done, all_: say(f"{done}/{all_}") if done % step == 0 or done == all_ else None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("answering"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    bars = Progress(*columns, console=Console(stderr=True), transient=True)
    task = bars.add_task("", total=total)

    def draw(done: int, all_: int) -> None:
        bars.start()  # only now: while models are prepared, the assistant draws bars of its own
        bars.update(task, completed=done, total=all_)

    try:
        yield draw
    finally:
        bars.stop()


def _tell(
    run: Run,
    settings: Settings,
    baseline: Path | None,
    report: Path | None,
    as_json: bool,
    calibrate: bool,
    gate: bool,
    *,
    keep: bool,
) -> None:
    """Score a run and say so in every way that was asked for. A gate that does not hold is exit code 1.

    With `keep`, its summary is stored with the index, for the page to show.
    """
    from eval import tables
    from eval.compare import compare
    from eval.gate import check, load_gate
    from eval.run import read
    from eval.score import score

    scores = score(run)
    comparison = compare(read(baseline), run) if baseline else None
    fitted = _calibrate(run, settings) if calibrate else None
    checks = check(load_gate(), scores.summary) if gate else []
    if keep:
        from eval.summary import store_summary, summary

        store_summary(settings.index_dir, summary(run, scores, report))
    if report:
        from eval.report import write_report

        write_report(report, run, scores, comparison)
        say(f"Report: {report}")
    if as_json:
        print_json(tables.as_data(run, scores, comparison, fitted, checks))
    else:
        tables.show(run, scores, comparison, fitted, checks)
    if any(not each.passed for each in checks) or (gate and scores.errors):
        raise typer.Exit(FAILED)


def _calibrate(run: Run, settings: Settings) -> dict[str, Any]:
    """Fit the threshold; store it if it is of use."""
    from eval.calibrate import calibrate, store_calibration
    from eval.describe import corpus_hash
    from eval.run import RunError
    from rag.assistant import Assistant
    from rag.reading import judged_by

    with closing(Assistant.open(settings)) as assistant:
        if corpus_hash(assistant.articles()) != run.header["corpus"]:
            raise RunError(
                "The run was made over other articles than those of the index.", "Name them with --corpus."
            )
    fitted = calibrate(run) | {"judged_by": judged_by(settings)}
    if fitted["warning"]:
        say(f"Warning: {fitted['warning']}")
    if fitted["of_use"]:
        say(f"Stored: {store_calibration(settings.index_dir, fitted)}")
        if settings.refuse_below is not None:
            say(f"It rests while refuse_below is set ({settings.refuse_below:g}).")
    else:
        say("Not stored: on questions left out it tells those without an answer no better than chance.")
    return fitted


def _check(dataset: Dataset, settings: Settings) -> None:
    from eval.check import faults
    from rag.articles import read_article, scan

    articles = [read_article(path, settings.corpus) for path in scan(settings.corpus).files]
    found = faults(dataset, articles)
    for fault in found:
        typer.echo(fault)
    say(f"{len(dataset.questions)} questions, {len(found)} faults.")
    if found:
        raise typer.Exit(FAILED)


def _draft(settings: Settings, wanted: int, seed: int, out: Path) -> None:
    from eval import draft, propose

    write = propose.writer(settings)
    with _indexed(settings) as assistant:
        done = draft.decided(out)
        gaps = [gap for gap in propose.gaps(assistant.articles(), seed) if gap.sentence not in done]
        found = propose.proposals(gaps, write, propose.round_trip(assistant.search))
        accepted = draft.draft(found, draft.decide_in_terminal, out, wanted)
    say(f"{accepted} questions added to {out}.")
    if accepted:
        say(f"Ask them: rag eval {out}")
