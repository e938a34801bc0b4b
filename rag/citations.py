"""Model text → sentences with citations that point at words of the file. Pure: no model, no disk.

The model only names a code. Which words of which file that stands for is worked out here, so a
citation can be missing or weak, but never point at words that are not there.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from rag.evidence import Evidence
from rag.prompts import THOUGHT_ENDS
from rag.sentences import sentence_spans
from rag.types import Citation, Passage
from rag.verify import Claim, covers

_OPEN = "[［【〔"
_MARKER = re.compile(r"[\[［【〔]\s*([^\[［【〔\]］】〕]*?)\s*[\]］】〕]")
_CODE = re.compile(r"[A-Z]{2}")
_LABELS = frozenset(
    "nguồn source sources passage passages đoạn mã code doc document tài liệu xem see ref".split()
)
"""What models write beside a code inside its brackets."""
_NUMBERS_ONLY = re.compile(r"\^?\d{1,3}(?:\s*[,;、–-]\s*\d{1,3})*(?:†.*|,? (?:trang|tr\.|page|p\.) ?\d+)?")
_ADDRESS = re.compile(
    r"\b[a-z][a-z0-9+.-]*://[^\s)\]>\"']+|\bwww\.[^\s)\]>\"']+|(?<=\]\()[^)]*", re.IGNORECASE
)
LONGEST_MARKER = 40
"""An opening bracket that is not closed within so many characters is plain text."""
MOST_QUOTES = 3
STEP = 0.05
NAMED = 0.5
"""What it is worth that the model named the passage, in the measure of `_strongest`."""


@dataclass(frozen=True, slots=True)
class Marker:
    """A place in the model's text where it named passages. Unknown codes are already gone."""

    codes: tuple[str, ...]


def parse_markers(pieces: Iterable[str], known: Iterable[str]) -> Iterator[str | Marker]:
    """Split streamed text into plain text and markers, however the pieces are cut.

    A bracket is held back until it closes. Full-width brackets count, and so do several codes in one
    bracket, small letters and a label before them; codes that were never handed out vanish, and so do
    bracketed numbers, which a reader would take for citations. Any other bracket is plain text.
    """
    codes = frozenset(known)
    held = ""
    for piece in pieces:
        held += piece
        while held:
            opening = _first_opening(held)
            if opening != 0:
                text, held = (held, "") if opening is None else (held[:opening], held[opening:])
                yield text
                continue
            match = _MARKER.match(held)
            if match:
                held = held[match.end() :]
                yield _as_marker(match, codes)
            elif len(held) > LONGEST_MARKER or _first_opening(held[1:]) is not None:
                yield held[0]
                held = held[1:]
            else:
                break
    if held:
        # A marker that was cut off names nothing.
        text = held.rstrip() if not _CODE.search(held) else ""
        yield text


def _first_opening(text: str) -> int | None:
    return next((i for i, char in enumerate(text) if char in _OPEN), None)


def _as_marker(match: re.Match[str], codes: frozenset[str]) -> str | Marker:
    inside = unicodedata.normalize("NFKC", match.group(1))
    words = re.findall(r"[^\W_]+", inside)
    named = [word.upper() for word in words if word.upper() in codes]
    rest = [word for word in words if word.upper() not in codes and not _CODE.fullmatch(word)]
    if (named and all(word.lower() in _LABELS for word in rest)) or (words and not rest) or not inside:
        return Marker(tuple(dict.fromkeys(named)))
    if _NUMBERS_ONLY.fullmatch(inside):
        return Marker(())
    return match.group()


@dataclass(frozen=True, slots=True)
class Draft:
    """The model's answer without its markers, and where they stood."""

    text: str
    markers: tuple[tuple[int, tuple[str, ...]], ...]
    """(offset in `text`, codes)."""

    def finished(self) -> Draft:
        """What stands before the last marker or the last sentence begun: all that is sure to be whole."""
        begun = max((start for start, _ in sentence_spans(self.text)), default=0)
        end = max([begun, *(offset for offset, _ in self.markers)])
        return Draft(self.text[:end], tuple(marker for marker in self.markers if marker[0] <= end))


@dataclass(slots=True)
class DraftBuilder:
    """Collects parsed pieces into a Draft; removes the space that stood before a marker."""

    text: str = ""
    markers: list[tuple[int, tuple[str, ...]]] = field(default_factory=list)
    behind_marker: bool = False

    def add(self, piece: str | Marker) -> None:
        """Append one piece of `parse_markers`."""
        if isinstance(piece, Marker):
            self.text = self.text.rstrip(" ")
            if piece.codes:
                self.markers.append((len(self.text), piece.codes))
            self.behind_marker = True
            return
        if self.behind_marker and piece.startswith(":") and self.text[-1:] in ("", *".!?\n"):
            piece = " " + piece[1:].lstrip()  # `[WQ]: …`
        self.behind_marker = False
        self.text += piece
        if THOUGHT_ENDS in self.text:  # some servers send only the end of what their model thinks aloud
            self.text, self.markers = self.text.rpartition(THOUGHT_ENDS)[2].lstrip(), []

    def draft(self) -> Draft:
        """What was collected so far."""
        return Draft(self.text, tuple(self.markers))


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence of the draft and the codes that stood in it or right behind it."""

    text: str
    codes: tuple[str, ...]


def statements(draft: Draft) -> list[Statement]:
    """The draft's sentences in order, each with the codes of its markers.

    A marker belongs to the sentence that ends at or around it: `… said. [WQ]` and `… said [WQ].` alike.
    Lines without a letter or digit are dropped.
    """
    spans = [s for s in sentence_spans(draft.text) if re.search(r"\w", draft.text[s[0] : s[1]])]
    codes: list[list[str]] = [[] for _ in spans]
    for offset, named in draft.markers:
        owner = max((i for i, (start, _) in enumerate(spans) if start < offset), default=None)
        if owner is not None:
            codes[owner] += named
    return [
        Statement(draft.text[start:end], tuple(dict.fromkeys(named)))
        for (start, end), named in zip(spans, codes, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of a file that carry a claim: `passage.text[start - passage.start : …]`."""

    passage: Passage
    start: int
    end: int

    @property
    def text(self) -> str:
        """The words themselves."""
        return self.passage.text[self.start - self.passage.start : self.end - self.passage.start]


def bind(statement: Statement, evidence: Sequence[Evidence], language: str) -> list[Quote]:
    """The sentences that carry a statement best, the strongest first; at least one if there is evidence.

    Of sentences that carry it alike, one from a passage that the model named wins, then the one that
    fits the question best: small models forget codes and mix them up, and what counts is where the words
    stand. Further sentences are taken only for names, numbers or dates that the first does not hold.
    """
    claim = Claim.of(statement.text, language)
    candidates = [
        (Quote(passage, *span), NAMED * (e.code in statement.codes) + _relevance(passage, span))
        for e in evidence
        for passage in e.passages
        for span in passage.sentences
    ]
    quotes: list[Quote] = []
    missing = claim
    while candidates and len(quotes) < MOST_QUOTES:
        best, gain = _strongest(missing, candidates)
        if quotes and not gain.items:
            break
        quotes.append(best)
        missing = missing.without(gain)
        candidates = [(quote, score) for quote, score in candidates if quote != best]
        if not missing.items:
            break
    return quotes


def invents_address(text: str, quotes: Sequence[Quote]) -> bool:
    """Whether a text names a web address, or the target of a link, that stands in none of its quotes."""
    support = "\n".join(quote.text for quote in quotes)
    return any(address.rstrip(".,;:!?") not in support for address in _ADDRESS.findall(text))


def _relevance(passage: Passage, span: tuple[int, int]) -> float:
    """How well the sentence fits the question, 0..1; decides between sentences that carry a claim alike.

    In steps, because small differences mean nothing: within a step the better passage wins.
    """
    if len(passage.sentence_scores) != len(passage.sentences):
        return passage.score
    return round(passage.sentence_scores[passage.sentences.index(span)] / STEP) * STEP


def _strongest(claim: Claim, candidates: Sequence[tuple[Quote, float]]) -> tuple[Quote, Claim]:
    """The candidate that covers most of a claim, and what of it it covers."""
    best: tuple[float, Quote, Claim] | None = None
    for quote, relevance in candidates:
        covered = covers(claim, quote.text)
        words = len(covered.words) / max(1, len(claim.words))
        score = 2.0 * len(covered.items) / max(1, len(claim.items)) + words + 0.5 * relevance
        if best is None or score > best[0]:
            best = (score, quote, covered)
    assert best is not None
    return best[1], best[2]


class Numbering:
    """Gives every quote its number, by first appearance, and keeps the list of citations."""

    def __init__(self) -> None:
        self.citations: list[Citation] = []
        self._numbers: dict[tuple[str, int, int], int] = {}

    def number(self, quote: Quote) -> int:
        """The number of a quote, a new one when it was not cited before."""
        key = (quote.passage.source, quote.start, quote.end)
        if key not in self._numbers:
            self._numbers[key] = len(self.citations) + 1
            passage = quote.passage
            self.citations.append(
                Citation(
                    n=self._numbers[key],
                    source=passage.source,
                    quote=quote.text,
                    start=quote.start,
                    end=quote.end,
                    sha256=passage.sha256,
                    title=passage.title,
                    published=passage.published,
                    outlet=passage.outlet,
                    url=passage.url,
                )
            )
        return self._numbers[key]


def with_markers(text: str, numbers: Sequence[int]) -> str:
    """A sentence with its citation markers behind it: `… said. [1][2]`."""
    return f"{text} {''.join(f'[{n}]' for n in numbers)}" if numbers else text
