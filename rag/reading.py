"""Retrieved passages read by the span reader: the best short answer of all, and how likely it is right.

What retrieval thinks of a passage and what the reader thinks of its span are summed in logits. The weights
were learned on the development half of XQuAD by `python -m eval.reading --fit`, the gold paragraph in the
index against the same with that paragraph taken out and its siblings left in.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from rag.calibration import Calibration, read_calibration
from rag.embed import embedder_fingerprint
from rag.excerpt import excerpt
from rag.fusion import logistic
from rag.reader import Span, is_used
from rag.settings import Settings
from rag.types import Citation, Passage, Sentence
from rag.verify import compared_words
from rag.vietnamese import WORD, nfc

PASSAGES = 4
"""How many passages are read, the best first."""
PRIOR = 1.2
"""What a logit of a passage's own score counts for, against one of the reader's margin."""
HIGHEST = 4.0
"""A margin that hardly any span of a wrong passage reaches. A passage whose own score is so far behind that
even this could not make up for it is not read: on the development half of XQuAD the answers are as good as
from reading all four, and for the median question one passage is read."""
NEAREST = 1e-6
"""How near to 0 and 1 a probability is taken to come."""
THRESHOLD, THRESHOLD_WITHOUT_READER = 0.40, 0.2
"""Confidence below which a question counts as not answerable, until `rag eval --calibrate` fits one. On the
development half of XQuAD one in ten answerable questions is refused, by names and years or by the first."""


@dataclass(frozen=True, slots=True)
class Decision:
    """How retrieval and reader together decide, in logits: one line for each way of asking."""

    retrieval: float
    """Weight of the confidence of retrieval."""
    margin: float
    """Weight of the reader's margin."""
    even: float
    """The sum at which answer and no answer are equally likely."""


SAME = Decision(retrieval=0.895, margin=0.185, even=0.036)
CROSS = Decision(retrieval=0.796, margin=0.191, even=-0.15)
"""For questions in the language of the passage, and in another one. The fit for the latter has
its even at 0.18; it stands lower because with one threshold for both too many of them would be refused."""


class SpanReader(Protocol):
    """What is needed of a reader; `rag.reader.Reader` has it."""

    def read(self, question: str, passages: Sequence[str]) -> list[Span]:
        """The best span of every passage."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The best span of all passages."""

    passage: Passage
    start: int
    end: int
    """Of the span, in the article's text."""
    margin: float
    """How far the span is above no answer, in logits."""
    confidence: float
    """0..1, how likely the passages hold the answer, retrieval and reader together."""

    @property
    def text(self) -> str:
        """The words of the span."""
        return self.passage.text[self.start - self.passage.start : self.end - self.passage.start]

    @property
    def place(self) -> tuple[Passage, int, int]:
        """Where the span stands."""
        return self.passage, self.start, self.end

    def agrees(self, answer: str) -> bool:
        """Whether an answer holds the span, or is a part of it.

        Most of the words of the shorter one have to be in the other, and all its names and figures.
        """
        span, said = (Counter(compared_words(text)) for text in (self.text, answer))
        shorter, text = min((span, self.text), (said, answer), key=lambda side: side[0].total())
        telling = {word for word in WORD.findall(nfc(text)) if word != word.lower() or not word.isalpha()}
        longer = said if shorter is span else span
        return 2 * (span & said).total() > shorter.total() and all(
            longer[plain] for word in telling for plain in compared_words(word)
        )


def read_passages(
    reader: SpanReader, question: str, passages: Sequence[Passage], confidence: float, same_language: bool
) -> Reading | None:
    """The best span of the first passages, ties going to the better passage; None if none has words.

    Args:
        question: as searched, diacritics restored.
        confidence: of retrieval, 0..1.
        same_language: whether question and passages share a language.
    """
    choices = _read(reader, question, passages[:PASSAGES])
    if not choices:
        return None
    passage, span = max(choices, key=lambda choice: choice[1].score + _prior(choice[0]))
    decision = SAME if same_language else CROSS
    sure = decision.retrieval * logit(confidence) + decision.margin * span.score - decision.even
    return Reading(passage, passage.start + span.start, passage.start + span.end, span.score, logistic(sure))


def compared(sentences: Sequence[Sentence], reading: Reading) -> list[Sentence]:
    """Sentences with their verdicts in the light of the span: agreement raises, conflict lowers them."""
    agreed = [s.verdict != "unsupported" and reading.agrees(s.text) for s in sentences]
    if any(agreed):
        return [replace(s, verdict="supported") if a else s for s, a in zip(sentences, agreed, strict=True)]
    return [replace(s, verdict="partial") if s.verdict == "supported" else s for s in sentences]


def marked(citation: Citation, reading: Reading | None) -> Citation:
    """The citation, with the span marked if it stands in the quote."""
    if (
        reading is None
        or reading.passage.source != citation.source
        or not citation.start <= reading.start < reading.end <= citation.end
    ):
        return citation
    return replace(citation, span=(reading.start, reading.end))


def short_answer(
    sentences: Sequence[Sentence], citations: Sequence[Citation], reading: Reading | None
) -> str:
    """The span if the answer says the same and cites it (`marked`); else nothing."""
    if reading is None or not any(citation.span for citation in citations):
        return ""
    words = " ".join(reading.text.split())
    return words if any(words.lower() in s.text.lower() for s in sentences) else ""


def _read(reader: SpanReader, question: str, passages: Sequence[Passage]) -> list[tuple[Passage, Span]]:
    """The spans of the best passage and, in one batch, of those that can still win, in order."""
    if not passages:
        return []
    best = max(range(len(passages)), key=lambda i: _prior(passages[i]))
    found = {best: read_spans(reader, question, [passages[best]])[0]}
    reached = found[best].score + _prior(passages[best])
    near = [i for i, p in enumerate(passages) if i != best and _prior(p) + HIGHEST >= reached]
    if near:
        found |= dict(zip(near, read_spans(reader, question, [passages[i] for i in near]), strict=True))
    return [(passages[i], found[i]) for i in sorted(found) if found[i].text]


def read_spans(reader: SpanReader, question: str, passages: Sequence[Passage]) -> list[Span]:
    """The best span of every passage, in one batch, read in the sentences that fit the question best.

    Offsets count characters of the passage's text.
    """
    excerpts = [excerpt(passage) for passage in passages]
    spans = []
    read = reader.read(question, [each.text for each in excerpts])
    for passage, shown, span in zip(passages, excerpts, read, strict=True):
        start, end = shown.place(span.start, span.end)
        spans.append(replace(span, start=start, end=end, text=passage.text[start:end]))
    return spans


def _prior(passage: Passage) -> float:
    """What the passage's own score counts for, in logits of a margin."""
    return PRIOR * logit(passage.score)


def judged_by(settings: Settings) -> str:
    """What confidences come from. Those of two embedders, or with and without the reader, do not compare."""
    return embedder_fingerprint(settings) + ("+reader" if is_used(settings) else "")


def fitted(settings: Settings) -> Calibration | None:
    """What `rag eval --calibrate` stored with the index; None if there is none that fits."""
    return read_calibration(settings.index_dir, judged_by(settings))


def threshold(settings: Settings) -> float:
    """What the settings say, or the fitted threshold, or the one of this module."""
    if settings.refuse_below is not None:
        return settings.refuse_below
    calibration = fitted(settings)
    if calibration:
        return calibration.threshold
    return THRESHOLD if is_used(settings) else THRESHOLD_WITHOUT_READER


def logit(probability: float) -> float:
    """The inverse of the logistic function, finite at 0 and 1."""
    held = min(max(probability, NEAREST), 1 - NEAREST)
    return math.log(held / (1 - held))
