"""What of a draft the articles carry: every statement bound to the sentences it cites, and checked. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rag.citations import Draft, Quote, Statement, bind, invents_address, statements
from rag.evidence import Evidence, surroundings
from rag.prompts import NOT_FOUND
from rag.types import Verdict
from rag.verify import check, only_repeats, respell
from rag.wording import split_item, without_last_clause

_EMPHASIS = re.compile(r"\*\*|__|\[ ?\]")
"""Marks of emphasis, and brackets that a marker has left empty."""


def supported(
    draft: Draft, evidence: Sequence[Evidence], question: str, language: str
) -> Iterator[tuple[str, list[Quote], Verdict]]:
    """Every statement of the draft, said once, with its quotes and verdict; unsupported ones have no quotes.

    Args:
        question: as searched; whoever is named in answer to "who is the commander" must be that.
        language: of the answer.
    """
    said: set[str] = set()
    for statement in statements(draft):
        if (words := statement.text.rstrip(" .!?…")) not in said and NOT_FOUND not in words:
            said.add(words)
            yield _best_supported(statement, evidence, question, language)


def _best_supported(
    statement: Statement, evidence: Sequence[Evidence], question: str, language: str
) -> tuple[str, list[Quote], Verdict]:
    """The statement, without the last clauses if only they are unsupported.

    A small model likes to add an office or a place of its own making: `Hồ Thanh Sơn, Vice Chairman`.
    """
    bullet, words = split_item(_EMPHASIS.sub("", statement.text))
    text = respell(words, "\n".join(p.text for e in evidence for p in e.passages))
    kept = text
    while True:
        quotes = bind(Statement(kept, statement.codes), evidence, language)
        verdict = _verdict(kept, quotes, question, language)
        shorter = without_last_clause(kept)
        if verdict != "unsupported" or shorter == kept:
            break
        kept = shorter
    if verdict == "unsupported" or (kept != text and only_repeats(kept, question)):
        return bullet + text, [], "unsupported"
    return bullet + kept, quotes, verdict


def _verdict(text: str, quotes: Sequence[Quote], question: str, language: str) -> Verdict:
    """Checked against the quotes, in the light of the passages they stand in."""
    if not quotes or invents_address(text, quotes):
        return "unsupported"
    context = "\n".join(dict.fromkeys(surroundings(quote.passage) for quote in quotes))
    support = "\n".join(quote.text for quote in quotes)
    return check(text, support, context=context, language=language, question=question)
