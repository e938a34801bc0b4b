"""Answer and search results → terminal; what the page shares with it (labels, dates, struck sentences).

Nothing here decides what is true or what is shown; it only lays out what it is given. Text from
articles and models is foreign: its control characters never reach a terminal.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, TYPE_CHECKING, Any

from rag.decode import harmless
from rag.errors import EngineError
from rag.types import Answer, AnswerEvent, Article, Citation, Delta, Passage, SearchResult
from rag.vietnamese import WORD, fold, guess_language, has_diacritics, normal_form
from rag.wording import find_words, short_answers

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.progress import Progress, TaskID
    from rich.text import Text

_LABELS = {
    "sources": {"vi": "Nguồn", "en": "Sources"},
    "nearest": {"vi": "Đoạn liên quan nhất trong kho bài", "en": "Nearest passages in the articles"},
    "searched": {"vi": "Đã tìm", "en": "Searched for"},
    "notice": {"vi": "Lưu ý", "en": "Note"},
    "nothing": {"vi": "Không tìm thấy đoạn nào.", "en": "No passage was found."},
    "untitled": {"vi": "(không có tiêu đề)", "en": "(untitled)"},
    "also": {"vi": "cũng có trong", "en": "also in"},
    "unsupported": {"vi": "Nguồn không xác nhận", "en": "Not supported by the sources"},
    "partial": {"vi": "Nguồn chỉ xác nhận một phần", "en": "Only partly supported by the sources"},
}
_MARKER = re.compile(r"\[(\d+)\]")
_SPACED_MARKER = re.compile(r"\s*\[\d+\]")
NEAREST_SHOWN = 3
_SNIPPET = 240
_WIDE = 100_000

# Words too common to be worth marking in a passage. "an", "in", "to" are Vietnamese syllables, so each
# language has its own list, and accented words are compared with their accents.
_COMMON = {
    "vi": re.compile(
        "là|của|và|ở|tại|bao|nhiêu|nào|gì|ai|khi|các|những|một|đã|được|có|cho|trong|về|với|bị|bởi|do|thì|mà|này|đó|hay"
    ),
    "en": re.compile(
        "the|an?|of|in|on|at|to|is|was|were|are|be|who|what|when|where|which|how|many|much|did|does|do|for|by|and|or"
        "|from|with|that|this|it|its"
    ),
}


def label(name: str, language: str) -> str:
    """A fixed piece of text in the answer's language: Vietnamese, and English for all others."""
    return _LABELS[name]["vi" if language.startswith("vi") else "en"]


def labels(language: str) -> dict[str, str]:
    """All fixed pieces of text in one language, by name."""
    return {name: label(name, language) for name in _LABELS}


def reader_date(published: str | None, language: str) -> str:
    """`2023-12-26` → `26/12/2023` for Vietnamese readers, unchanged for others; empty when unknown."""
    if published and language.startswith("vi"):
        return "/".join(reversed(published.split("-")))
    return published or ""


def matched_words(text: str, question: str) -> list[tuple[int, int]]:
    """Spans of `text` whose words occur in the question, adjoining ones joined.

    Words of a question with diacritics match as they are spelled (in either tone placement); a
    question without any matches every form: `Nong` marks `Nông`. Words of no content stay unmarked.
    """
    common = _COMMON.get(guess_language(question), _COMMON["vi"])
    words = {word for word in WORD.findall(normal_form(question)) if not common.fullmatch(word)}
    bare = set() if has_diacritics(question) else words
    spans: list[tuple[int, int]] = []
    for match in WORD.finditer(text):
        word = normal_form(match.group())
        if word not in words and fold(word) not in bare:
            continue
        if spans and text[spans[-1][1] : match.start()] == " ":
            spans[-1] = (spans[-1][0], match.end())
        else:
            spans.append(match.span())
    return spans


def verdict_spans(answer: Answer, verdict: str) -> list[tuple[int, int]]:
    """Where sentences of one verdict stand in `answer.answer`; those left out of it give no span.

    The citation markers in the answer's text do not count when a sentence is looked for.
    """
    bare: list[str] = []
    origin: list[int] = []
    position = 0
    for match in [*_SPACED_MARKER.finditer(answer.answer), None]:
        stop = match.start() if match else len(answer.answer)
        bare.append(answer.answer[position:stop])
        origin.extend(range(position, stop))
        position = match.end() if match else stop
    text, cursor = "".join(bare), 0
    spans = []
    for sentence in answer.sentences:
        wanted = _SPACED_MARKER.sub("", sentence.text).strip()
        found = text.find(wanted, cursor) if wanted else -1
        if found < 0:
            continue
        cursor = found + len(wanted)
        if sentence.verdict == verdict:
            spans.append((origin[found], origin[cursor - 1] + 1))
    return spans


def short_spans(answer: Answer) -> list[tuple[int, int]]:
    """Where the short answer stands in `answer.answer`, or those of the parts of its question."""
    marked = [c.quote[c.span[0] - c.start : c.span[1] - c.start] for c in answer.citations if c.span]
    shorts = (answer.short_answer, *short_answers(answer.short_answer), *marked)
    places = ((find_words(answer.answer, each), len(each)) for each in shorts if each)
    return sorted({(start, start + length) for start, length in places if start >= 0})


def terminal(stream: IO[str]) -> Console:
    """A console that wraps and colours on a terminal, and writes whole plain lines into a pipe."""
    from rich.console import Console

    class PlainConsole(Console):
        def on_broken_pipe(self) -> None:
            raise  # the BrokenPipeError being handled; rich would end the process here

    wide = None if stream.isatty() else _WIDE
    return PlainConsole(file=stream, highlight=False, markup=False, emoji=False, width=wide)


def write_view(view: RenderableType, stream: IO[str]) -> None:
    """Write a view: laid out for a terminal, or as lines without trailing spaces into a pipe."""
    console = terminal(stream)
    if stream.isatty():
        console.print(view)
        return
    with console.capture() as capture:
        console.print(view)
    stream.writelines(f"{line.rstrip()}\n" for line in capture.get().removesuffix("\n").split("\n"))


def answer_view(answer: Answer, *, plain: bool = False) -> RenderableType:
    """The answer, then its sources with their quotes, or the nearest passages when there is none.

    With `plain`, what a terminal shows by style is shown by signs: `~~struck~~`.
    """
    from rich.console import Group
    from rich.text import Text

    parts: list[RenderableType] = []
    if answer.searched_for and answer.searched_for != answer.question:
        parts.append(
            Text(f"{label('searched', answer.language)}: {harmless(answer.searched_for)}", style="dim")
        )
    body = harmless(answer.answer)
    struck = verdict_spans(answer, "unsupported")
    if plain:
        parts.append(Text(_wrap_spans(body, struck, "~~", "~~")))
    else:
        text = Text(body)
        for start, end in struck:
            text.stylize("strike dim", start, end)
        for start, end in verdict_spans(answer, "partial"):
            text.stylize("italic", start, end)
        for start, end in short_spans(answer):
            text.stylize("bold", start, end)
        text.highlight_regex(_MARKER, "cyan")
        parts.append(text)
    if answer.notice:
        parts.append(Text(f"{label('notice', answer.language)}: {harmless(answer.notice)}", style="yellow"))
    parts.append(sources_view(answer, plain=plain))
    return Group(*parts)


def sources_view(answer: Answer, *, plain: bool = False) -> RenderableType:
    """The cited sources with their quoted words; the nearest passages when nothing is cited."""
    from rich.console import Group
    from rich.padding import Padding
    from rich.text import Text

    parts: list[RenderableType] = []
    if answer.citations:
        parts.append(Text(f"\n{label('sources', answer.language)}", style="bold"))
        for citation in answer.citations:
            parts.append(_heading(f"[{citation.n}]", citation, answer.language))
            parts.append(
                Padding(
                    Text(f"“{harmless(one_line(citation.quote))}”", style="italic"),
                    (0, 0, 0, 4),
                    expand=False,
                )
            )
    elif answer.retrieved:
        parts.append(Text(f"\n{label('nearest', answer.language)}", style="bold"))
        searched = answer.searched_for or answer.standalone_question or answer.question
        for passage in answer.retrieved[:NEAREST_SHOWN]:
            parts.append(_heading("·", passage, answer.language))
            text = _marked(snippet(passage.text), searched, plain=plain)
            parts.append(Padding(text, (0, 0, 0, 4), expand=False))
    return Group(*parts)


def search_view(result: SearchResult, *, explain: bool = False, plain: bool = False) -> RenderableType:
    """Ranked passages with their words marked and the score of each leg."""
    from rich.console import Group
    from rich.padding import Padding
    from rich.text import Text

    parts: list[RenderableType] = []
    if result.searched_for != result.question:
        parts.append(
            Text(f"{label('searched', result.language)}: {harmless(result.searched_for)}", style="dim")
        )
    if explain:
        parts.append(Text(f"language {result.language}, confidence {result.confidence:.2f}", style="dim"))
    if not result.passages:
        parts.append(Text(label("nothing", result.language)))
    for rank, passage in enumerate(result.passages, start=1):
        if rank > 1:
            parts.append(Text())
        parts.append(_heading(f"{rank}.", passage, result.language))
        scores = f"score {passage.score:.3f}  dense {passage.dense:.3f}  lexical {passage.lexical:.3f}"
        where = f"  characters {passage.start}–{passage.end}"
        parts.append(Padding(Text(scores + where, style="dim"), (0, 0, 0, 4), expand=False))
        if passage.also_in:
            also = f"{label('also', result.language)}: {', '.join(passage.also_in)}"
            parts.append(Padding(Text(harmless(also), style="dim"), (0, 0, 0, 4), expand=False))
        if explain and passage.explain:
            why = "  ".join(f"{key}={_short(value)}" for key, value in passage.explain.items())
            parts.append(Padding(Text(harmless(why), style="dim"), (0, 0, 0, 4), expand=False))
        text = _marked(passage.text, result.searched_for, plain=plain)
        parts.append(Padding(text, (0, 0, 0, 4), expand=False))
    return Group(*parts)


def articles_view(articles: Sequence[Article], chunks: dict[str, int]) -> RenderableType:
    """One row an article: file, date, outlet, number of chunks, title."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("file", "date", "outlet"):
        table.add_column(column, no_wrap=column != "outlet")
    table.add_column("chunks", justify="right")
    table.add_column("title")
    for article in articles:
        cells = (article.source, article.published or "–", article.outlet or "–")
        count = str(chunks[article.source]) if article.source in chunks else "–"
        table.add_row(*(Text(harmless(cell)) for cell in (*cells, count, article.title)))
    return table


def _heading(mark: str, entry: Citation | Passage, language: str) -> Text:
    from rich.text import Text

    details = [entry.outlet, reader_date(entry.published, language), entry.source]
    return Text.assemble(
        (f"{mark} ", "cyan"),
        (harmless(entry.title) or label("untitled", language), "bold"),
        (harmless(" — " + " · ".join(detail for detail in details if detail)), "dim"),
    )


def _marked(text: str, question: str, *, plain: bool) -> Text:
    from rich.text import Text

    spans = matched_words(text, question)
    if plain:
        return Text(_wrap_spans(harmless(text), spans, "**", "**"))
    marked = Text(harmless(text))
    for start, end in spans:
        marked.stylize("bold yellow", start, end)
    return marked


def _wrap_spans(text: str, spans: Iterable[tuple[int, int]], before: str, after: str) -> str:
    parts, position = [], 0
    for start, end in spans:
        parts += [text[position:start], before, text[start:end], after]
        position = end
    return "".join([*parts, text[position:]])


def one_line(text: str) -> str:
    """All whitespace as single spaces."""
    return " ".join(text.split())


def snippet(text: str) -> str:
    """The beginning of a passage, on one line, cut at a word."""
    text = one_line(text)
    if len(text) <= _SNIPPET:
        return text
    return text[:_SNIPPET].rsplit(" ", 1)[0] + " …"


def _short(value: Any) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)


class ProgressBars:
    """A callback `(stage, done, total)`: one bar a stage on a terminal, one line a stage in a pipe.

    Nothing is drawn, and rich is not loaded, before the first call; `close` takes the bars away.
    """

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._stages: dict[str, TaskID | None] = {}
        self._bars: Progress | None = None

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Say how far a stage is; a total of 0 means that nobody knows."""
        if self._stream.isatty():
            self._draw(stage, done, total)
        elif stage not in self._stages:
            self._stages[stage] = None
            self._stream.write(f"{stage}\n")
            self._stream.flush()

    def _draw(self, stage: str, done: int, total: int) -> None:
        if self._bars is None:
            from rich.progress import Progress

            self._bars = Progress(console=terminal(self._stream), transient=True)
            self._bars.start()
        task = self._stages.get(stage)
        if task is None:
            task = self._stages[stage] = self._bars.add_task(harmless(stage), total=None)
        self._bars.update(task, completed=done, total=total or None)

    def close(self) -> None:
        """Clear what was drawn. A later call begins anew."""
        if self._bars is not None:
            self._bars.stop()
            self._bars = None
            self._stages.clear()


def follow(events: Iterator[AnswerEvent], console: Console, progress: ProgressBars) -> Answer:
    """Show an answer while it is written, then take that away and return the checked answer.

    What streams is not yet checked; so it never stays on the screen beside the answer that is.

    Raises:
        EngineError: the stream ended without an answer.
    """
    from rich.live import Live
    from rich.spinner import Spinner
    from rich.text import Text

    if console.is_terminal:
        progress("…", 0, 0)
    written = ""
    live = Live(Spinner("dots"), console=console, transient=True)
    try:
        for event in events:
            # Models are loaded before the first event; two live displays would write over each other.
            progress.close()
            live.start()
            if isinstance(event, Answer):
                return event
            if isinstance(event, Delta):
                written += event.text
                live.update(Text(harmless(written), style="dim"))
    finally:
        progress.close()
        live.stop()
    raise EngineError("The answer broke off.", "Ask again; rag doctor shows what is wrong.")
