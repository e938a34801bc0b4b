"""The best sentences of the passages, for an answer without a language model. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from rag.citations import Numbering, Quote
from rag.evidence import heading
from rag.reading import Reading
from rag.types import Passage, Sentence
from rag.wording import without_markers

SENTENCES = 2
"""Most sentences of an extractive answer."""
SECOND, SECOND_WITHOUT_READER = 0.97, 0.85
"""A further sentence is taken when it scores at least this share of the best. Beside the reader's, one that
is but near answers nothing more: on 90 questions of XQuAD for a reason or a list there were 1.2 sentences to
read instead of 1.6, and .81 of them held the answer instead of .83."""

NEAR = 0.93
"""Where every article may have its own answer, its best sentence is taken when it scores at least this share
of the best of all."""
ARTICLES = 6
"""Most articles of such an answer."""
GAP = 3
"""Characters between two neighbouring sentences, an empty line at most."""


def best_sentences(passages: Sequence[Passage], reading: Reading | None, one_fact: bool) -> list[Quote]:
    """The sentence that holds the reader's span, then those that fit the question best.

    For a question that wants one fact the span's sentence is enough.
    """
    quotes = [span_quote(reading)] if reading else []
    if quotes and one_fact:
        return quotes
    ranked = sorted(
        (
            (score, -rank, span)
            for rank, passage in enumerate(passages)
            for score, span in zip(passage.sentence_scores, passage.sentences, strict=False)
        ),
        reverse=True,
    )
    share = SECOND if quotes else SECOND_WITHOUT_READER
    for score, negative_rank, span in ranked[:SENTENCES]:
        if score >= share * ranked[0][0]:
            quote = Quote(passages[-negative_rank], *span)
            quotes += [quote] if quote not in quotes else []
    return quotes[:SENTENCES]


def best_of_each(passages: Sequence[Passage]) -> list[Quote]:
    """The best sentence of every article that comes near the best of all, the best first."""
    best: dict[str, tuple[float, Quote]] = {}
    for passage in passages:
        for score, span in zip(passage.sentence_scores, passage.sentences, strict=False):
            if score > best.get(passage.source, (0.0,))[0]:
                best[passage.source] = score, Quote(passage, *span)
    ranked = sorted(best.values(), key=lambda each: -each[0])
    return [quote for score, quote in ranked if score >= NEAR * ranked[0][0]][:ARTICLES]


def quoted(quotes: Sequence[Quote], numbering: Numbering, *, as_list: bool) -> list[Sentence]:
    """The articles' own sentences, which need no check; in a list of several each says of which it is."""
    several = len({quote.passage.source for quote in quotes}) > 1
    sentences = []
    for quote in quotes:
        text = without_markers(quote.text)
        headed = f"{heading(quote.passage)}: {text}" if several else text
        sentences.append(
            Sentence(f"- {headed}" if as_list else text, (numbering.number(quote),), "supported")
        )
    return sentences


def span_quote(reading: Reading) -> Quote:
    """The sentence, or the sentences, that the reader's span stands in.

    Only neighbours make one quote: where a sentence between them was blanked, the article has other words.
    """
    spans = reading.passage.sentences
    touched = [(start, end) for start, end in spans if start < reading.end and end > reading.start]
    if not touched:
        return Quote(reading.passage, reading.start, reading.end)
    begin, end = touched[0]
    for following in touched[1:]:
        if following[0] - end > GAP:
            return Quote(reading.passage, begin, end)
        end = following[1]
    return Quote(reading.passage, min(begin, reading.start), max(end, reading.end))
