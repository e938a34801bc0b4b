"""Answer every question once and save all there is to know about it. Scoring reads the saved run.

A run is a file of JSON Lines: a header (see `eval.describe`), one line a question, a footer when all are
answered. Every line is written when its question is done, so an interrupted run goes on where it stopped.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from eval import describe
from eval.dataset import Dataset, Question
from rag.errors import EngineError, RagError
from rag.types import Answer, AnswerEvent, Article, Delta, Filters, Retrieved, SearchResult, Turn

RANKING_DEPTH = 50
"""Passages asked for when the ranking is taken; ten different sources should be among them."""

Progress = Callable[[int, int], None]
"""(questions done, questions in all)."""


class RunError(RagError):
    """A saved run cannot be read, is not complete, or was made under other conditions."""


class Answerer(Protocol):
    """What is evaluated. `rag.assistant.Assistant` is one."""

    def stream(
        self, question: str, history: Sequence[Turn] = (), filters: Filters | None = None
    ) -> Iterator[AnswerEvent]:
        """One Retrieved, any Deltas, one Answer last."""

    def search(self, question: str, k: int = 5, filters: Filters | None = None) -> SearchResult:
        """The passages for a question, best first."""

    def article(self, source: str) -> Article:
        """The stored article; raises RagError for an unknown source."""

    def articles(self) -> list[Article]:
        """All stored articles."""


@dataclass(frozen=True)
class Run:
    """A saved run, as read back."""

    header: dict[str, Any]
    rows: list[dict[str, Any]]
    footer: dict[str, Any] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether every question has its line."""
        return len(self.rows) == int(self.header["questions"])


def run(
    dataset: Dataset,
    assistant: Answerer,
    out: Path,
    *,
    settings: Mapping[str, Any] | None = None,
    prompts: Mapping[str, str] | None = None,
    progress: Progress | None = None,
    warm_up: bool = False,
) -> Run:
    """Answer every question of the set and save the run; go on with `out` when it exists already.

    `prompts` maps the names of the prompts to their hashes. With `warm_up` the first question is asked once
    beforehand, so that loading models is not counted as latency. A question whose answering fails is saved
    with its error.

    Raises:
        RunError: `out` is a run made under other conditions, or no run at all.
        RagError: the warm-up shows that nothing can be answered (a model is missing, say).
    """
    head = describe.header(dataset, assistant.articles(), settings or {}, prompts or {})
    done = {row["id"] for row in _continue(out, head)}
    total = len(dataset.questions)
    waiting = [question for question in dataset.questions if question.id not in done]
    if warm_up and waiting:
        _warm_up(assistant, waiting[0])
    if progress:
        progress(len(done), total)
    with out.open("a", encoding="utf-8") as file:
        for number, question in enumerate(waiting, start=len(done) + 1):
            _write(file, ask(assistant, question))
            if progress:
                progress(number, total)
        if waiting or not total:
            _write(file, _footer())
    return read(out)


def _warm_up(assistant: Answerer, question: Question) -> None:
    try:
        for _ in assistant.stream(question.question, question.history, question.filters):
            pass
    except EngineError:
        return  # One question may fail; its own line will tell.
    except RagError:
        raise
    except Exception:  # noqa: BLE001 - so may a fault of the program
        return


def ask(assistant: Answerer, question: Question) -> dict[str, Any]:
    """Ask one question. Returns its line of the run; never raises, apart from an interrupt by the user."""
    row: dict[str, Any] = {"kind": "question", **question.to_dict()}
    try:
        answer, timings = _listen(assistant, question)
        row["answered"] = answer.to_dict()
        row["measured_ms"] = timings
        row["passages"] = [_passage(assistant, each) for each in answer.retrieved]
        row["verbatim"] = [
            _stands(assistant, each.source, each.start, each.end, each.quote) for each in answer.citations
        ]
        asked = answer.standalone_question or question.question
        ranking = assistant.search(asked, k=RANKING_DEPTH, filters=question.filters).passages
        row["ranking"] = [source for each in ranking for source in (each.source, *each.also_in)]
    except Exception as error:  # noqa: BLE001 - a question that fails is a finding, not the end of the run
        row["error"] = f"{type(error).__name__}: {error}"
    return row


def _listen(assistant: Answerer, question: Question) -> tuple[Answer, dict[str, int]]:
    began = time.perf_counter()
    marks: dict[str, int] = {}
    answer: Answer | None = None
    for event in assistant.stream(question.question, question.history, question.filters):
        now = round(1000 * (time.perf_counter() - began))
        if isinstance(event, Retrieved):
            marks.setdefault("retrieve", now)
        elif isinstance(event, Delta):
            marks.setdefault("first_token", now)
        elif isinstance(event, Answer):
            answer = event
    if answer is None:
        raise EngineError("The stream ended without an answer.")
    marks["total"] = round(1000 * (time.perf_counter() - began))
    marks.setdefault("first_token", marks["total"])
    return answer, marks


def _passage(assistant: Answerer, passage: Any) -> dict[str, Any]:
    stands = _stands(assistant, passage.source, passage.start, passage.end, passage.text)
    return {"source": passage.source, "start": passage.start, "end": passage.end, "verbatim": stands}


def _stands(assistant: Answerer, source: str, start: int, end: int, quote: str) -> bool:
    """Whether the quote stands in the article at exactly these offsets."""
    try:
        return bool(quote) and assistant.article(source).text[start:end] == quote
    except RagError:
        return False


def _footer() -> dict[str, Any]:
    date = datetime.now(UTC).isoformat(timespec="seconds")
    return {"kind": "footer", "peak_memory_mib": describe.peak_memory_mib(), "date": date}


def _write(file: Any, entry: Mapping[str, Any]) -> None:
    file.write(json.dumps(entry, ensure_ascii=False) + "\n")
    file.flush()


def _continue(out: Path, head: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Start the file, or check that it can be continued and cut off a line left half written."""
    # Through JSON and back, so that tuples and paths compare as they will be read.
    head = json.loads(json.dumps(head, ensure_ascii=False, default=str))
    if not out.exists() or out.stat().st_size == 0:
        out.parent.mkdir(parents=True, exist_ok=True)
        with out.open("w", encoding="utf-8") as file:
            _write(file, head)
        return []
    raw = out.read_bytes()
    whole = raw.rfind(b"\n") + 1
    if not whole:
        raise RunError(f"{out} is not a run.", "Name another file with --out.")
    old = read(out, whole)
    if other := describe.differences(old.header, head):
        raise RunError(
            f"{out} was made under other conditions: {', '.join(other)}.",
            "Name another file with --out, or remove this one to start over.",
        )
    if whole < len(raw):
        os.truncate(out, whole)
    return old.rows


def read(path: Path, size: int | None = None) -> Run:
    """Read a saved run, or its first `size` bytes. A question answered twice keeps its first answer.

    Raises:
        RunError: the file is missing, or is no run of this schema.
    """
    try:
        raw = path.read_bytes()[:size]
        entries = [json.loads(line) for line in raw.decode("utf-8").split("\n") if line.strip()]
        header = entries[0]
        if header["kind"] != "header" or header["schema"] != describe.SCHEMA:
            raise ValueError("the first line is not the header of a run of this version")
        rows: dict[str, dict[str, Any]] = {}
        for entry in entries[1:]:
            if entry["kind"] == "question":
                rows.setdefault(entry["id"], entry)
        footers = [entry for entry in entries[1:] if entry["kind"] == "footer"]
    except (OSError, ValueError, KeyError, IndexError, TypeError) as error:
        raise RunError(f"{path} is not a saved run: {error}.", "Name a file that --out wrote.") from None
    return Run(header, list(rows.values()), _join(footers))


def _join(footers: list[dict[str, Any]]) -> dict[str, Any]:
    if not footers:
        return {}
    peaks = [footer["peak_memory_mib"] for footer in footers if footer.get("peak_memory_mib")]
    return {**footers[-1], "peak_memory_mib": max(peaks, default=None)}
