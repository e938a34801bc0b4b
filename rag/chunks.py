"""Article → chunks: runs of whole sentences that fit the embedder's window, with exact offsets.

The article is cut as if the orders in it to whoever answers (`rag.hostile`) did not stand there: they move no
border, and no chunk's sentences or searched text hold them.
"""

from __future__ import annotations

import hashlib
import itertools
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rag.hostile import HOSTILE_VERSION, cleared, instruction_spans
from rag.sentences import sentence_spans
from rag.types import Article, Chunk

CHUNKER_VERSION = f"2-{HOSTILE_VERSION}"
"""Changes whenever the same article would give other chunks."""

_CONTEXT_SHARE = 3
"""The context may take one part in three of a chunk."""
_MOST_UNITS = 100
"""Sentences in one chunk; bounds the work over a text of one-word lines."""
_INSIDE_PARAGRAPH = 0.15
"""Price of ending a chunk inside a paragraph: as much as leaving it two fifths empty."""

# Where a sentence too long for one chunk may be cut, the better places first: after a stop, after
# a clause, at a blank.
_CUTS = (
    re.compile(r"[.!?…;][\"'”’»)]*(?=\s)|[。！？；]"),
    re.compile(r"[,:–—](?=\s)|[，、：]"),
    re.compile(r"\s(?=\S)"),
)


@dataclass(frozen=True, slots=True)
class _Unit:
    """The smallest thing that is packed: a sentence, or a piece of one that was too long."""

    start: int
    end: int
    tokens: int
    gap: int
    """Tokens that the white space before it costs when another unit goes before."""
    ends_paragraph: bool


def split_article(article: Article, *, max_tokens: int, count_tokens: Callable[[str], int]) -> list[Chunk]:
    """Split an article into chunks whose `embedded_text` has at most `max_tokens` tokens.

    Chunks are ordered and disjoint; together they hold every character of the text that is neither
    white space nor part of an order to whoever answers, and
    `article.text[chunk.start:chunk.end] == chunk.text`. They end with sentences, and with paragraphs
    where that costs little; only a sentence longer than a chunk is cut, at a clause if it has one. The
    same article, limit and counter give the same chunks.

    Raises:
        ValueError: not even one character fits into `max_tokens`.
    """
    kept = _Kept(article.text)
    spans = sentence_spans(kept.text)
    context = _context(article, max_tokens // _CONTEXT_SHARE, count_tokens)
    counter = _Counter(kept.text, context, max_tokens, count_tokens)
    units = [unit for start, end in spans for unit in counter.units(start, end)]
    version = _digest(article.source, context, article.text)
    chunks: list[Chunk] = []
    first = 0
    for left, right in (piece for run in _pack(units, counter.budget) for piece in counter.fitting(*run)):
        while first < len(spans) and spans[first][1] <= left:
            first += 1
        start, end = kept.in_article(left, right)
        inside = _inside(kept.text, spans, first, left, right)
        holes = slice(bisect_left(kept.holes, (start, 0)), bisect_left(kept.holes, (end, 0)))
        chunks.append(
            Chunk(
                id=_digest(version, str(start), str(end))[:32],
                source=article.source,
                ordinal=len(chunks),
                start=start,
                end=end,
                text=article.text[start:end],
                context=context,
                sentences=tuple(piece for span in inside for piece in kept.pieces(*span)),
                left_out=tuple(kept.holes[holes]),
            )
        )
    return chunks


class _Kept:
    """What stays of an article's text without the orders in it, and where it stood there."""

    def __init__(self, text: str) -> None:
        self.holes = list(_with_blanks(text, instruction_spans(text)))
        """Spans in the article's text that were taken out; neither touches another."""
        ends = [0, *(end for _, end in self.holes)]
        starts = [*(start for start, _ in self.holes), len(text)]
        parts = [text[start:end] for start, end in zip(ends, starts, strict=True)]
        self.text = "".join(parts)
        self._begins = ends
        self._joints = list(itertools.accumulate((len(part) for part in parts[:-1]), initial=0))
        """Where each part begins in what stays; in the article it begins at the same place of `_begins`."""

    def in_article(self, start: int, end: int) -> tuple[int, int]:
        """The place in the article of a span, not empty, of what stays."""
        first, last = bisect_right(self._joints, start) - 1, bisect_right(self._joints, end - 1) - 1
        return (
            start + self._begins[first] - self._joints[first],
            end + self._begins[last] - self._joints[last],
        )

    def pieces(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """The places in the article of a sentence of what stays: one, unless something stood inside it."""
        joints = self._joints[bisect_right(self._joints, start) : bisect_left(self._joints, end)]
        for left, right in itertools.pairwise([start, *joints, end]):
            piece = self.text[left:right]
            left, right = left + len(piece) - len(piece.lstrip()), left + len(piece.rstrip())
            if left < right:
                yield self.in_article(left, right)


def _with_blanks(text: str, spans: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The spans, neighbours as one, each with the white space on that side where there are fewer line ends.

    What is left of the text is then as it was before they were put in.
    """
    runs: list[tuple[int, int]] = []
    for start, end in spans:
        if runs and not text[runs[-1][1] : start].strip():
            runs[-1] = runs[-1][0], end
        else:
            runs.append((start, end))
    for start, end in runs:
        left, right = start, end
        while left and text[left - 1].isspace():
            left -= 1
        while right < len(text) and text[right].isspace():
            right += 1
        keep_left = right < len(text) and text.count("\n", left, start) > text.count("\n", end, right)
        yield (start, right) if keep_left or not left else (left, end)


def _digest(*parts: str) -> str:
    """SHA-256 over the parts; each carries its length, so that no two lists run together."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()


def _context(article: Article, limit: int, count_tokens: Callable[[str], int]) -> str:
    """`Title | Outlet | Place | 26/12/2023`, as far as `limit` tokens allow; the title comes first."""
    date = "/".join(reversed(article.published.split("-"))) if article.published else ""
    told = (cleared(article.title), cleared(article.outlet), cleared(article.place), date)
    parts = [" ".join(part.split()) for part in told]
    # What the title says already is not said twice.
    parts = [part for n, part in enumerate(parts) if part and not (n and part in parts[0])]
    while parts:
        line = " | ".join(parts)
        if count_tokens(line) <= limit:
            return line
        if len(parts) > 1:
            # Outlet and place are the cheapest to lose; a date is short and often asked for.
            del parts[-2 if len(parts) > 2 and date else -1]
            continue
        words = line.split(" ")
        low, high = 0, len(words) - 1
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (
                (middle, high) if count_tokens(" ".join(words[:middle])) <= limit else (low, middle - 1)
            )
        short = " ".join(words[:low])
        return short if count_tokens(short) <= limit else ""
    return ""


class _Counter:
    """Counts tokens of pieces of one article; each sentence is counted once."""

    def __init__(self, text: str, context: str, max_tokens: int, count_tokens: Callable[[str], int]) -> None:
        self.text = text
        self.max_tokens = max_tokens
        self.count = count_tokens
        self.prefix = f"{context}\n" if context else ""
        self.added = count_tokens("")
        """Tokens the embedder puts around every text."""
        self.budget = max_tokens - count_tokens(self.prefix)
        self._gaps: dict[str, int] = {}

    def fits(self, start: int, end: int) -> bool:
        return self.count(self.prefix + self.text[start:end]) <= self.max_tokens

    def units(self, start: int, end: int) -> Iterator[_Unit]:
        """One sentence as one unit, or as the pieces that fit."""
        tokens = self.tokens(start, end)
        pieces = [(start, end)] if tokens <= self.budget else list(self.fitting(start, end))
        for left, right in pieces:
            size = tokens if len(pieces) == 1 else self.tokens(left, right)
            yield _Unit(left, right, max(1, size), self._gap(left), self._ends_paragraph(right))

    def tokens(self, start: int, end: int) -> int:
        return self.count(self.text[start:end]) - self.added

    def _gap(self, start: int) -> int:
        before = len(self.text[max(0, start - 8) : start].rstrip()) + max(0, start - 8)
        blank = self.text[before:start]
        if blank not in self._gaps:
            self._gaps[blank] = max(0, self.count(f"a{blank}a") - 2 * self.count("a") + self.added)
        return self._gaps[blank]

    def _ends_paragraph(self, end: int) -> bool:
        following = self.text[end : end + 8]
        return "\n" in following[: len(following) - len(following.lstrip())]

    def fitting(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """The span itself, or halves of halves of it that fit, cut at the best place near the middle."""
        open_spans = [(start, end)]
        while open_spans:
            start, end = open_spans.pop()
            if self.fits(start, end):
                yield start, end
                continue
            if end - start < 2:
                raise ValueError(f"max_tokens={self.max_tokens} leaves no room for a single character")
            left, right = self._cut(start, end)
            open_spans += [right, left]

    def _cut(self, start: int, end: int) -> tuple[tuple[int, int], tuple[int, int]]:
        middle = (start + end) // 2
        reach = max(1, (end - start) // 4)
        for pattern in _CUTS:
            places = [
                m.end() for m in pattern.finditer(self.text, max(start + 1, middle - reach), middle + reach)
            ]
            places = [place for place in places if start < place < end]
            if places:
                place = min(places, key=lambda place: abs(place - middle))
                break
        else:
            place = middle
        left = self.text[start:place].rstrip()
        right = self.text[place:end].lstrip()
        return (start, start + len(left)), (end - len(right), end)


def _pack(units: list[_Unit], budget: int) -> Iterator[tuple[int, int]]:
    """Spans of consecutive units within the budget that cost least.

    A chunk costs the square of the share it leaves empty, and more when it ends inside a
    paragraph. So chunks are well filled, end with paragraphs where they can, and no crumb is left
    at the end: two halves cost less than a full chunk and a crumb. Dynamic programming over the
    last break, as Knuth and Plass break lines (Software: Practice and Experience 11, 1981).
    """
    tokens = [unit.tokens for unit in units]
    gaps = [unit.gap for unit in units]
    room = max(1, budget)
    best = [0.0] * (len(units) + 1)
    begin = [0] * (len(units) + 1)
    for last in range(1, len(units) + 1):
        best[last] = float("inf")
        price = 0.0 if units[last - 1].ends_paragraph or last == len(units) else _INSIDE_PARAGRAPH
        size = gap = 0
        for first in range(last - 1, max(-1, last - 1 - _MOST_UNITS), -1):
            size += tokens[first] + gap
            if size > budget and first + 1 < last:
                break
            gap = gaps[first]
            empty = 1 - size / room
            cost = best[first] + price + (empty * empty if empty > 0 else 0.0)
            if cost < best[last]:
                best[last], begin[last] = cost, first
    runs = []
    last = len(units)
    while last:
        runs.append((units[begin[last]].start, units[last - 1].end))
        last = begin[last]
    yield from reversed(runs)


def _inside(
    text: str, spans: list[tuple[int, int]], first: int, start: int, end: int
) -> Iterator[tuple[int, int]]:
    """The sentences, or parts of sentences, between `start` and `end`; the first one is known."""
    for position in range(first, len(spans)):
        left, right = max(spans[position][0], start), min(spans[position][1], end)
        if left >= end:
            return
        piece = text[left:right].rstrip()
        if piece:
            yield left, left + len(piece)
