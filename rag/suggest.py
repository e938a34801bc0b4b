"""A better question, where the articles tell of another place or year than the one asked about.

Nothing is made up: the place and the year offered are those of an article that was found. Pure text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.hostile import without_instructions
from rag.mentions import Mention, find_mentions
from rag.phrases import phrase
from rag.types import Passage
from rag.vietnamese import fold, has_diacritics, nfc

_YEAR = re.compile(r"\b(?:1[89]|20)\d\d\b")


def suggestion(question: str, passages: Sequence[Passage], language: str) -> str:
    """One sentence that offers the question with the nearest place or year put in; empty if none fits.

    Args:
        question: as searched, that found no answer.
        passages: the nearest ones, the best first.
        language: of the reader.
    """
    question = nfc(question)
    mentions = find_mentions(question)
    places = [each for each in mentions if each.kind == "place"]
    years = [each for each in mentions if each.kind == "time" and _is_year(each)]
    if any(each.kind == "time" and not _is_year(each) for each in mentions) or len(places) > 1:
        return ""
    told = [without_instructions(passage) for passage in passages]
    known = [passage for passage in told if passage.place and passage.published]
    here = [passage for passage in known if not places or _tells_of(passage, places[0])]
    for passage in here or known:
        year = (passage.published or "")[:4]
        changes = [] if here else [(places[0], passage.place)]
        if len(years) == 1 and not _knows_year(passage, years[0]):
            changes.append((years[0], _YEAR.sub(year, years[0].name)))
        if not changes:
            return ""
        offered = question
        for old, new in sorted(changes, key=lambda change: -change[0].start):
            offered = offered[: old.start] + new + offered[old.end :]
        return phrase("suggest", language).format(place=passage.place, year=year, question=offered)
    return ""


def _is_year(mention: Mention) -> bool:
    """A single year, neither a day or a month nor a period."""
    return len(re.findall(r"\d+", mention.name)) == 1 and _YEAR.search(mention.name) is not None


def _tells_of(passage: Passage, place: Mention) -> bool:
    text = f"{passage.place}\n{passage.title}\n{passage.text}"
    return place.name in text or (not has_diacritics(place.name) and fold(place.name) in fold(text))


def _knows_year(passage: Passage, mention: Mention) -> bool:
    return any(year in f"{passage.published} {passage.title}" for year in _YEAR.findall(mention.name))
