"""Passages → what the language model reads: the best sentences, under opaque codes.

A small model reads a few good sentences better than whole paragraphs, and sooner. The codes are
neither numbers nor words, so that nothing in an article can be mistaken for one of them.
"""

from __future__ import annotations

import itertools
import re
import string
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.asking import kind_of
from rag.hostile import cleared_source
from rag.types import Passage

FOREIGN_LETTERS = "WJZF"
"""Letters that Vietnamese does not use: a code that begins with one is no Vietnamese abbreviation."""
SENTENCES, SENTENCES_FOR_MORE = 4, 7
"""How many sentences the model reads for a question that wants one fact, and for one that wants more.

A few good sentences are better for a small model than the paragraphs around them, and the offline model
reads a sentence in half a second on two slow cores.
"""
CHARACTERS = 1200
"""Longest evidence, whatever the sentences."""
PASSAGE_WEIGHT, NEIGHBOUR_WEIGHT, KIND_WEIGHT = 0.2, 0.25, 0.08
"""What counts for a sentence, whose own score counts 1: the score of its passage, that of the better of its
two neighbours (the sentence that names the event is often followed by the one that answers), and that it
holds a name, a date or a number which the question asks for and does not name."""

_DANGLING = re.compile(
    r"(Ông|Bà|Họ|Đồng chí|Anh|Chị|Đó|Đây|Điều|Việc|Hai|Cả|Cuộc|Ngoài|Trong đó|Theo đó|Cùng|"
    r"He|She|It|They|This|That|These|Those|His|Her|Its|Their) (?![A-ZĐ])"
)
"""Beginnings that stand for something named in the sentence before."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the model sees of one article, under one code."""

    code: str
    passages: tuple[Passage, ...]
    """Of one article, the best first."""
    sentences: tuple[tuple[Passage, tuple[int, int]], ...]
    """The chosen sentences as spans in the article's text, in reading order."""

    @property
    def text(self) -> str:
        """The sentences, with an ellipsis where something between them was left out."""
        parts: list[str] = []
        last: tuple[Passage, int] | None = None
        for passage, (start, end) in self.sentences:
            if last is not None:
                near = (
                    last[0] is passage
                    and not passage.text[last[1] - passage.start : start - passage.start].strip()
                )
                parts.append(" " if near else " … ")
            parts.append(passage.text[start - passage.start : end - passage.start])
            last = passage, end
        return re.sub(r"\s+", " ", "".join(parts))


def heading(passage: Passage) -> str:
    """Place and date, which tell one article from another; the title where they are unknown."""
    date = "/".join(part.lstrip("0") for part in reversed((passage.published or "").split("-")))
    about = ", ".join(part for part in (passage.place, date) if part)
    title = textwrap.shorten(
        passage.title or cleared_source(passage.source), 48 if about else 96, placeholder="…"
    )
    return about if passage.place or not title else f"{title} ({about})" if about else title


def select_evidence(
    question: str,
    passages: Sequence[Passage],
    sentences: int = SENTENCES,
    first: tuple[str, int] | None = None,
) -> list[Evidence]:
    """So many of the best sentences of the passages, one Evidence for each article they stand in.

    The sentence at `first` (source, offset in its article) is among them, whatever its score. A sentence
    that begins with a pronoun brings the one before it along.

    Articles keep the rank of their best passage; one none of whose sentences was chosen is left out.
    """
    chosen: set[tuple[int, int]] = set()
    left = CHARACTERS
    for rank, position in _by_score(question, passages, first)[:sentences]:
        passage = passages[rank]
        wanted = [position]
        if not chosen and position + 1 < len(passage.sentences):
            # The best sentence often names the event and leaves the rest to the next one.
            wanted.append(position + 1)
        if position and _DANGLING.match(passage.text, passage.sentences[position][0] - passage.start):
            wanted.append(position - 1)
        for index in wanted:
            start, end = passage.sentences[index]
            if (rank, index) not in chosen and (end - start <= left or not chosen):
                chosen.add((rank, index))
                left -= end - start
    codes = _codes(passages)
    by_article: dict[str, list[tuple[int, int]]] = {}
    for rank, index in sorted(chosen):
        by_article.setdefault(passages[rank].source, []).append((rank, index))
    evidence = []
    for places in by_article.values():
        shown = [(passages[rank], passages[rank].sentences[index]) for rank, index in places]
        shown.sort(key=lambda sentence: sentence[1])
        ranks = dict.fromkeys(rank for rank, _ in places)
        evidence.append(Evidence(next(codes), tuple(passages[rank] for rank in ranks), tuple(shown)))
    return evidence


def _by_score(
    question: str, passages: Sequence[Passage], first: tuple[str, int] | None
) -> list[tuple[int, int]]:
    """(rank of passage, index of sentence), the most promising first."""
    cue = _CUES.get(kind_of(question))
    scored = []
    for rank, passage in enumerate(passages):
        scores = passage.sentence_scores or (0.0,) * len(passage.sentences)
        padded = (0.0, *scores, 0.0)
        for i, (start, end) in enumerate(passage.sentences):
            score = scores[i] + PASSAGE_WEIGHT * passage.score
            score += NEIGHBOUR_WEIGHT * max(padded[i], padded[i + 2])
            found = cue.findall(passage.text, start - passage.start, end - passage.start) if cue else ()
            score += KIND_WEIGHT * any(words not in question for words in found)
            chosen = first is not None and passage.source == first[0] and start <= first[1] < end
            scored.append((not chosen, -score, rank, i))
    return [(rank, i) for *_, rank, i in sorted(scored)]


_CUES = {
    "who": re.compile(r"(?:[A-ZĐ]\w+ ){1,3}[A-ZĐ]\w+"),
    "when": re.compile(r"\d+(?:[-/.]\d+)*"),
    "how many": re.compile(r"\d+(?:[.,]\d+)*"),
}
"""What an answer of each kind looks like; `[A-ZĐ]` begins most Vietnamese names too."""


def _codes(passages: Sequence[Passage]) -> Iterator[str]:
    """Codes that stand in none of the texts, so that one in the answer can only be a citation."""
    text = "\n".join(f"{p.title} {p.text}" for p in passages)
    for second, first in itertools.product(string.ascii_uppercase, FOREIGN_LETTERS):
        if first != second and not re.search(rf"\b{first}{second}\b", text):
            yield first + second


def render_evidence(evidence: Sequence[Evidence]) -> str:
    """The passages as they stand in the prompt."""
    return "\n".join(f"[{e.code}] {heading(e.passages[0])}\n{e.text}" for e in evidence)


def surroundings(passage: Passage) -> str:
    """A passage with what is known about its article: title, place and date."""
    return "\n".join(part for part in (passage.title, passage.place, passage.published, passage.text) if part)
