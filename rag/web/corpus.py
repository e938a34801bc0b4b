"""The page over the articles: lists them, adds and removes files, draws the timeline and the map.

The index is changed through `Assistant.index` alone, one change at a time; whoever comes second waits. What
the index does not take over is put back, so that folder and index stay in step.
"""

from __future__ import annotations

import hashlib
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from rag.articles import LARGEST_FILE, read_article, scan, source_of
from rag.corpus import add_file, put_back, remove_file
from rag.errors import ArticleError, CorpusError, IndexLocked, RagError
from rag.render import one_line
from rag.types import Article, IndexReport, Skipped
from rag.vietnamese import fold, nfc
from rag.web.corpus_texts import corpus_texts, reason_in
from rag.web.fragments import render
from rag.web.map import Point, map_html, points_of
from rag.web.timeline import timeline_html

if TYPE_CHECKING:
    from rag.assistant import Assistant

MOST_FILES = 50
"""Files that can be added at a time."""
MOST_ROWS = 200
_MOST_READ = 20
"""Files outside of the index that are read to say why they are there."""
TYPES = ".md .markdown .txt .html .htm .pdf .docx"
Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """One article in the table."""

    article: Article
    chunks: int
    problems: tuple[str, ...]


class CorpusPage:
    """One for all readers."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._folder = assistant.settings.corpus
        self._changing = threading.Lock()
        self._points: tuple[str, list[Point]] = ("", [])

    # --- looking

    def html(
        self, language: str, *, find: str = "", found: Sequence[Mapping[str, Any]] = (), may_change: bool
    ) -> str:
        """The whole page. `find` narrows the table down; `found` are the passages of the last answer.

        Raises IndexMissing, StoreError.
        """
        index = self._assistant.published()
        articles, chunks = self._assistant.articles(), self._assistant.chunk_counts()
        foreign = index.manifest.corpus if Path(index.manifest.corpus) != self._folder.resolve() else ""
        wanted = [article for article in articles if _matches(article, find)]
        words = corpus_texts(language)
        return render(
            "corpus",
            language,
            c=words,
            rows=[
                Row(a, chunks.get(a.source, 0), self._problems(a, words, foreign)) for a in wanted[:MOST_ROWS]
            ],
            wanted=len(wanted),
            articles=len(articles),
            chunks=len(index.chunks),
            find=find,
            folder=self._folder,
            foreign=foreign,
            may_change=may_change,
            types=TYPES,
            megabytes=LARGEST_FILE // 1024**2,
            files=MOST_FILES,
            skipped=[] if foreign else self._left_out({article.source for article in articles}, language),
            timeline=timeline_html(articles, language),
            map=map_html(self._drawn(), {a.source: a.title for a in articles}, found, language),
        )

    def _problems(self, article: Article, words: Mapping[str, str], foreign: str) -> tuple[str, ...]:
        known = (("no_title", article.title), ("no_date", article.published), ("no_outlet", article.outlet))
        problems = [words[name] for name, value in known if not value]
        if not foreign:
            file = self._folder / article.source
            try:
                newer = (
                    file.stat().st_mtime > (self._assistant.settings.index_dir / "CURRENT").stat().st_mtime
                )
                if newer and hashlib.sha256(file.read_bytes()).hexdigest() != article.sha256:
                    problems.append(words["changed"])
            except OSError:
                problems.append(words["gone"])
        return tuple(problems)

    def _left_out(self, indexed: set[str], language: str) -> list[Skipped]:
        """Files of the folder that are not in the index, and why."""
        try:
            seen = scan(self._folder)
        except CorpusError as error:
            return [Skipped(str(self._folder), error.message)]
        left = list(seen.skipped)
        for number, file in enumerate(f for f in seen.files if source_of(f, self._folder) not in indexed):
            reason = corpus_texts(language)["not_indexed"]
            if number < _MOST_READ:
                try:
                    read_article(file, self._folder)
                except ArticleError as error:
                    reason = error.message
            left.append(Skipped(source_of(file, self._folder), reason))
        return [Skipped(each.source, reason_in(language, each.reason)) for each in left]

    def _drawn(self) -> list[Point]:
        """The points of the map, worked out once a generation."""
        index = self._assistant.published()
        if self._points[0] != index.generation:
            self._points = (index.generation, points_of(index.chunks, index.vectors()))
        return self._points[1]

    # --- changing

    def add(self, language: str, name: str, data: bytes, *, replace: bool) -> Event:
        """Put one file into the folder; it is used once `update` has run. Never raises for a bad file."""
        words, shown = corpus_texts(language), one_line(name)
        try:
            added = add_file(self._folder, name, data, replace=replace)
        except ArticleError as error:
            reason = reason_in(language, error.message)
            return {"type": "refused", "text": words["refused"].format(name=shown, reason=reason)}
        except CorpusError as error:
            return {"type": "refused", "text": str(error)}
        kind = "unchanged" if added.unchanged else "replaced" if added.kept_aside else "added"
        text = words[kind].format(name=added.source, place=added.kept_aside)
        return {"type": kind, "text": text, "source": added.source}

    def update(self, language: str) -> Iterator[Event]:
        """Bring the index in step with the folder, and tell how far it is."""
        yield from self._follow(language, lambda: "", lambda: None)

    def remove(self, language: str, source: str) -> Iterator[Event]:
        """Take an article out of folder and index; its file is kept aside. What fails is undone."""
        words = corpus_texts(language)
        places: list[str] = []

        def move() -> str:
            if (self._folder / source).exists():
                places.append(remove_file(self._folder, source))
                return words["removed"].format(name=source, place=places[0])
            return ""

        def undo() -> None:
            if places:
                put_back(self._folder, places[0], source)

        if source not in {article.source for article in self._assistant.articles()}:
            yield {"type": "failed", "text": words["nothing_found"]}
            return
        yield from self._follow(language, move, undo)

    def _follow(self, language: str, before: Any, undo: Any) -> Iterator[Event]:
        """Change the index in a thread, so that it is finished whether or not the browser stays."""
        events: SimpleQueue[Event] = SimpleQueue()
        words = corpus_texts(language)

        def work() -> None:
            with self._changing:
                try:
                    said = before()
                    report = self._assistant.index(lambda *at: events.put(_progress(words, *at)))
                    events.put({"type": "done", "text": f"{said} {_told(words, report)}".strip()})
                except Exception as error:  # noqa: BLE001 - the page is told, whatever it is
                    with suppress(CorpusError):
                        undo()
                    if not isinstance(error, RagError):
                        traceback.print_exc(file=sys.stderr)
                    events.put({"type": "failed", "text": _reason(words, error)})

        if self._changing.locked():
            yield {"type": "progress", "text": words["waiting"], "share": 0}
        threading.Thread(target=work, daemon=True).start()
        while True:
            event = events.get()
            while event["type"] == "progress" and not events.empty():
                event = events.get()
            yield event
            if event["type"] != "progress":
                return


def _progress(words: Mapping[str, str], stage: str, done: int, total: int) -> Event:
    name = words.get(f"stage_{stage}", words["stage"])
    return {"type": "progress", "text": f"{name}: {done}/{total}", "share": done / total if total else 1}


def _reason(words: Mapping[str, str], error: Exception) -> str:
    if isinstance(error, IndexLocked):
        return words["locked"]
    return str(error) if isinstance(error, RagError) else words["failed"]


def _told(words: Mapping[str, str], report: IndexReport) -> str:
    return words["report"].format(**{**report.to_dict(), "seconds": f"{report.seconds:.1f}"})


def _matches(article: Article, find: str) -> bool:
    fields = (article.title, article.source, article.outlet, article.published or "", article.place)
    text = fold(nfc(" ".join(fields)))
    return all(word in text for word in fold(nfc(find)).split())
