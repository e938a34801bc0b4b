"""Plain frozen data that passes between the modules. No behaviour beyond conversion.

All offsets count characters (Unicode code points) of `Article.text`, end exclusive.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Verdict = Literal["supported", "partial", "unsupported"]
Status = Literal["answered", "not_found"]


@dataclass(frozen=True, slots=True)
class Article:
    """One source file, cleaned. `text` is what every offset refers to."""

    source: str
    """Path below the corpus folder, with forward slashes."""
    text: str
    """Body without title and boilerplate, NFC, `\\n` line ends, paragraphs split by a blank line."""
    sha256: str
    """Of the file's bytes, in lower-case hexadecimal."""
    title: str = ""
    published: str | None = None
    """`YYYY-MM-DD` or, when only the month is known, `YYYY-MM`."""
    time: str | None = None
    """`HH:MM`, when the file tells it."""
    outlet: str = ""
    author: str = ""
    url: str = ""
    place: str = ""
    """Province or region the article is about, when the file tells it."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stored piece of one article: `article.text[start:end] == text`, always."""

    id: str
    """Content hash: the same article text and position give the same id."""
    source: str
    ordinal: int
    """Position among the chunks of its article, from 0."""
    start: int
    end: int
    text: str
    context: str = ""
    """Title, outlet, place and date, embedded and searched with the text, never quoted."""
    sentences: tuple[tuple[int, int], ...] = ()
    """Sentence spans inside the chunk, as offsets in the article's text."""
    left_out: tuple[tuple[int, int], ...] = ()
    """Spans inside the chunk that are not searched, and in none of its sentences: see `rag.hostile`."""

    @property
    def searched_text(self) -> str:
        """The text without what is left out."""
        ends = [self.start, *(end for _, end in self.left_out)]
        starts = [*(start for start, _ in self.left_out), self.end]
        kept = zip(ends, starts, strict=True)
        return "".join(self.text[start - self.start : end - self.start] for start, end in kept)

    @property
    def embedded_text(self) -> str:
        """What the embedder and the lexical index see."""
        return f"{self.context}\n{self.searched_text}" if self.context else self.searched_text


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk retrieved for a question, with its scores (each 0..1, higher is better)."""

    id: str
    source: str
    start: int
    end: int
    text: str
    score: float
    dense: float
    lexical: float
    title: str = ""
    published: str | None = None
    outlet: str = ""
    url: str = ""
    sha256: str = ""
    place: str = ""
    sentences: tuple[tuple[int, int], ...] = ()
    """Sentence spans, as offsets in the article's text."""
    sentence_scores: tuple[float, ...] = ()
    """How likely each sentence holds the answer, 0..1, in the order of `sentences`."""
    also_in: tuple[str, ...] = ()
    """Other sources that carry a near-duplicate of this passage."""
    explain: dict[str, Any] = field(default_factory=dict)
    """Why it ranked where it did; filled only on request."""

    def to_dict(self) -> dict[str, Any]:
        """The `retrieved` entry of the JSON contract."""
        entry: dict[str, Any] = {
            "source": self.source,
            "start": self.start,
            "end": self.end,
            "score": round(self.score, 4),
            "dense": round(self.dense, 4),
            "lexical": round(self.lexical, 4),
            "text": self.text,
            "title": self.title,
            "published": self.published,
            "outlet": self.outlet,
        }
        if self.also_in:
            entry["also_in"] = list(self.also_in)
        if self.explain:
            entry["explain"] = self.explain
        return entry


@dataclass(frozen=True, slots=True)
class Citation:
    """A pointer from the answer to a quote: `article.text[start:end] == quote`, always."""

    n: int
    """Number shown to the reader, by first appearance, from 1."""
    source: str
    quote: str
    start: int
    end: int
    sha256: str
    title: str = ""
    published: str | None = None
    outlet: str = ""
    url: str = ""
    span: tuple[int, int] | None = None
    """Where in the article's text the short answer itself stands, inside the quote; None if not known."""

    def to_dict(self) -> dict[str, Any]:
        """The `citations` entry of the JSON contract."""
        data = asdict(self)
        if self.span is None:
            del data["span"]
        return data


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of the answer, the citations it carries, and what checking it gave."""

    text: str
    citations: tuple[int, ...]
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier exchange of the conversation."""

    question: str
    answer: str
    short: str = ""
    """The short answer, if there was one: whom "he" stands for rather than others the sentence names."""
    standalone: str = ""
    """The question as it was understood; empty if that is not known. It needs no history."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The checked answer to one question: the JSON contract of `rag ask --json`."""

    question: str
    standalone_question: str
    language: str
    """BCP 47 code of the language the answer is written in, such as `vi` or `en`."""
    status: Status
    answer: str
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    retrieved: tuple[Passage, ...]
    engine: str
    timings_ms: dict[str, int]
    """`retrieve`, `first_token`, `total`; milliseconds from the start of the question."""
    searched_for: str = ""
    """The question as searched, when it differs (diacritics restored, follow-up resolved)."""
    notice: str = ""
    """One honest line when something went wrong (model down, cut off); empty otherwise."""
    confidence: float = 0.0
    """0..1, how likely the answer is right; given for `not_found` too, so that a threshold can be fitted."""
    answerable: float = 0.0
    """0..1, how likely the passages hold the answer, whatever was made of them; decides on `not_found`."""
    short_answer: str = ""
    """The fewest words of the source that answer the question, when the answer holds them; shown in bold. Of
    a question with several parts those of each, with `; ` between."""
    tokens: dict[str, int] = field(default_factory=dict)
    """`prompt` and `answer`, as the engine counted them; empty when it does not tell."""

    def to_dict(self) -> dict[str, Any]:
        """One JSON-serialisable object, keys as in the contract."""
        data = asdict(self)
        data["retrieved"] = [p.to_dict() for p in self.retrieved]
        data["sentences"] = [
            {"text": s.text, "citations": list(s.citations), "verdict": s.verdict} for s in self.sentences
        ]
        data["citations"] = [c.to_dict() for c in self.citations]
        data["confidence"], data["answerable"] = round(self.confidence, 4), round(self.answerable, 4)
        for optional in ("searched_for", "notice", "short_answer", "tokens"):
            if not data[optional]:
                del data[optional]
        return data


@dataclass(frozen=True, slots=True)
class Filters:
    """Limits what is searched. Empty means everything; dates are `YYYY[-MM[-DD]]`, inclusive."""

    since: str | None = None
    until: str | None = None
    outlets: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    """Sources that are left out, whatever the other fields let in."""


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What retrieval found, best passage first, and what it searched for."""

    question: str
    searched_for: str
    """The question as searched: equal to `question` unless diacritics were restored."""
    language: str
    """Guessed language of the question: `vi`, `en`, or another BCP 47 code; `und` if unknown."""
    passages: tuple[Passage, ...]
    confidence: float = 0.0
    """0..1, how likely the passages hold the answer (before any answer was written)."""

    def to_dict(self) -> dict[str, Any]:
        """The JSON contract of `rag search --json`."""
        data: dict[str, Any] = {"question": self.question, "passages": [p.to_dict() for p in self.passages]}
        if self.searched_for != self.question:
            data["searched_for"] = self.searched_for
        return data


@dataclass(frozen=True, slots=True)
class Retrieved:
    """Streamed first: the passages are known before the model has said a word."""

    result: SearchResult


@dataclass(frozen=True, slots=True)
class Delta:
    """Streamed next: a piece of the answer's text as it is written, without markers and not checked yet."""

    text: str


@dataclass(frozen=True, slots=True)
class Generating:
    """Streamed before the language model is asked. Whoever listens may wait here, until another answer is
    written: that time is not taken from the deadline."""


AnswerEvent = Retrieved | Generating | Delta | Answer
"""What `Assistant.stream` yields: one Retrieved, any Deltas, one Answer last. Generating stands before the
Deltas of the model, or first of all where it has to tell what a follow-up means."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file of the corpus folder that is not in the index, and why."""

    source: str
    """Path below the corpus folder, with forward slashes."""
    reason: str


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What one run of `rag index` found and did. Every file is counted once or listed in `skipped`."""

    articles: int
    """In the published index now: added + updated + unchanged."""
    chunks: int
    added: int
    updated: int
    removed: int
    """In the index before, now gone from the folder (or skipped)."""
    unchanged: int
    skipped: tuple[Skipped, ...]
    seconds: float
    generation: str
    """Name of the published generation; the earlier one when nothing changed."""
    withheld: dict[str, int] = field(default_factory=dict)
    """Source of each article read in this run that gives orders to whoever answers → how many of its
    sentences are therefore not searched."""

    def to_dict(self) -> dict[str, Any]:
        """The JSON contract of `rag index --json`."""
        return {
            "articles": self.articles,
            "chunks": self.chunks,
            "added": self.added,
            "updated": self.updated,
            "removed": self.removed,
            "unchanged": self.unchanged,
            "skipped": [asdict(entry) for entry in self.skipped],
            "seconds": round(self.seconds, 3),
            "generation": self.generation,
            **({"withheld": self.withheld} if self.withheld else {}),
        }
