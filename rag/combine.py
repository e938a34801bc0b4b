"""Answers to the parts of a question → one answer. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest

from rag.citations import with_markers
from rag.phrases import phrase
from rag.types import Answer, Citation, Passage, SearchResult, Sentence
from rag.wording import PARTED, joined


def combined(question: str, standalone: str, result: SearchResult, answers: Sequence[Answer]) -> Answer:
    """One answer of at least one that was found; a notice names the parts that were not.

    Args:
        result: what was found for the question as a whole.
        answers: one of each part, in order.
    """
    told = [answer for answer in answers if answer.status == "answered"]
    sentences, citations = _renumbered(told)
    missing = [answer.question for answer in answers if answer.status != "answered"]
    language = answers[0].language
    notices = [f"“{answer.question}”: {answer.notice}" for answer in answers if answer.notice]
    notices += [phrase("part_missing", language).format(question=each) for each in missing]
    first, last = told[0], answers[-1]
    return replace(
        first,
        question=question,
        standalone_question=standalone,
        searched_for=" ".join(answer.searched_for or answer.standalone_question for answer in answers),
        answer=joined(with_markers(s.text, s.citations) for s in sentences),
        sentences=sentences,
        citations=citations,
        engine=", ".join(dict.fromkeys(each.engine for each in told)),
        short_answer=PARTED.join(dict.fromkeys(each.short_answer for each in told if each.short_answer)),
        retrieved=_in_turn([result.passages, *(answer.retrieved for answer in answers)]),
        notice=" ".join(dict.fromkeys(notices)),
        confidence=min(answer.confidence for answer in told),
        answerable=min(answer.answerable for answer in told),
        timings_ms={**last.timings_ms, **first.timings_ms, "total": last.timings_ms["total"]},
        tokens={
            kind: sum(answer.tokens.get(kind, 0) for answer in answers)
            for answer in answers
            for kind in answer.tokens
        },
    )


def _renumbered(answers: Sequence[Answer]) -> tuple[tuple[Sentence, ...], tuple[Citation, ...]]:
    """All sentences once, and what they cite, numbered through. One quote has one number."""
    citations: dict[tuple[str, int, int], Citation] = {}
    sentences: dict[str, Sentence] = {}
    for answer in answers:
        numbers = {}
        for citation in answer.citations:
            place = citation.source, citation.start, citation.end
            kept = citations.setdefault(place, replace(citation, n=len(citations) + 1))
            numbers[citation.n] = kept.n
        for sentence in answer.sentences:
            known = sentences.get(sentence.text)
            cited = [*(known.citations if known else ()), *(numbers[n] for n in sentence.citations)]
            sentences[sentence.text] = replace(sentence, citations=tuple(dict.fromkeys(cited)))
    return tuple(sentences.values()), tuple(citations.values())


def _in_turn(lists: Sequence[Sequence[Passage]]) -> tuple[Passage, ...]:
    """The first passage of each list, then the second of each …, none twice."""
    found = {passage.id: passage for row in zip_longest(*reversed(lists)) for passage in row if passage}
    return tuple(found.values())
