"""Articles that tell the same fact differently, or a newer one that changes it. Pure text, no model.

Two sentences disagree when they tell the same thing (most of their words are the same once names and figures
are taken out, and they are about the same place, year and day) but give another person, number or day where
the question asks for one. Who holds an office may change with the years; who chaired last year's conference
does not contradict who chaired this year's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from rag.asking import kind_of
from rag.citations import Numbering, Quote
from rag.dates import find_dates, normal_number
from rag.fitting import is_of_that_body
from rag.lexical import COMMON_SYLLABLES, QUESTION_SYLLABLES
from rag.mentions import find_mentions, find_people
from rag.offices import Holding, asked_office, find_posts, holders
from rag.phrases import phrase
from rag.types import Citation, Passage, Sentence
from rag.vietnamese import WORD, fold, guess_language, normal_form

SAME_WORDS, SAME_WORDS_OF_PEOPLE = 0.5, 0.75
"""Share of the words of the shorter sentence that both must hold; at one event many people do something."""
FEWEST = 3
"""Of fewer words than these nothing can be told."""
_MANY = ("ủy viên", "phó")
"""Offices that several people hold at once."""
_COUNTED = re.compile(r"(?<![\d/.,-])(\d+(?:[.,]\d{3})*)\s+([^\W\d_]+(?:\s+[^\W\d_]+)?)(?![\d/])")


@dataclass(frozen=True, slots=True)
class _Told:
    """A sentence and what it tells, in the terms of the question."""

    quote: Quote
    values: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Normal form → what is counted (empty for people and days), as written."""
    frame: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()
    years: frozenset[str] = frozenset()
    days: frozenset[str] = frozenset()
    """`day/month` of the days it names; none where the question asks for the day."""

    def of(self, sort: str) -> dict[str, str]:
        """The values of one sort: normal form → as written."""
        return {key: written for key, (each, written) in self.values.items() if each == sort}


def disagreement(
    question: str, passages: Sequence[Passage], numbering: Numbering, language: str
) -> list[Sentence]:
    """One sentence that sets the cited value beside another article's, with both dates; none if all agree.

    Args:
        question: as searched.
        passages: that the answer could have used; those of other articles are compared.
        numbering: holds the citations of the answer so far, and numbers those of the sentence.
        language: of the answer.
    """
    kind = kind_of(question)
    if kind not in ("who", "how many", "when"):
        return []
    office = asked_office(question) if kind == "who" else None
    several = office is not None and any(name.startswith(_MANY) for name in office.post.means)
    lasting = office is not None and not several and not find_dates(question)
    same = SAME_WORDS_OF_PEOPLE if kind == "who" else SAME_WORDS
    asked = _content(question)
    told = [
        each
        for passage in passages
        for span in passage.sentences
        if (each := _told(Quote(passage, *span), question, kind, office)).values
    ]
    cited = [each for each in told if any(_is(each.quote, citation) for citation in numbering.citations)]
    for one in cited:
        for other in told:
            if other.quote.passage.source == one.quote.passage.source:
                continue
            if differing := _differing(one, other, asked, None if lasting else same):
                return [_sentence(differing, numbering, language)]
    return []


def _is(quote: Quote, citation: Citation) -> bool:
    inside = citation.start < quote.end and quote.start < citation.end
    return quote.passage.source == citation.source and inside


def _told(quote: Quote, question: str, kind: str, office: Holding | None) -> _Told:
    text = " ".join(quote.text.split())
    passage = quote.passage
    values: dict[str, tuple[str, str]] = {}
    if kind == "who":
        foreign = guess_language(question) != "vi"  # bodies are compared by their words
        held = {
            each.name
            for each in holders(text)
            if office
            and each.agrees(office)
            and (foreign or is_of_that_body(question, office, each, text, passage))
        }
        people = [p for p in find_people(text) if office is None or fold(p.name) in held]
        values = {fold(p.name): ("", p.name) for p in people}
    elif kind == "how many":
        asked = set(WORD.findall(normal_form(question))) if guess_language(question) == "vi" else None
        for number, unit in _COUNTED.findall(text):
            words = WORD.findall(normal_form(unit))
            if asked is None or words[0] in asked:
                values[f"{normal_number(number)} {words[0]}"] = (words[0], f"{number} {unit}")
    days = [d for d in find_dates(text) if d.day and d.month]
    if kind == "when":
        values = {f"{d.day}/{d.month}": ("", text[d.start : d.end]) for d in days}
    if not values:  # as in most sentences
        return _Told(quote)
    mentions = find_mentions(text)
    # An office says who somebody is, not what happened; two people may have the same.
    aside = [m.name for m in mentions] + [text[p.start : p.end] for p in find_posts(text)]
    rest = normal_form(text)
    for each in sorted(aside, key=len, reverse=True):
        rest = rest.replace(normal_form(each), " ")
    frame = frozenset(w for w in WORD.findall(rest) if not w.isdigit())
    places = frozenset(fold(m.name) for m in mentions if m.kind in ("place", "region"))
    years = frozenset(re.findall(r"\b(?:19|20)\d\d\b", text))
    return _Told(
        quote,
        values,
        frame,
        places or frozenset({fold(passage.place)} if passage.place else ()),
        years or frozenset({(passage.published or "")[:4]} if passage.published else ()),
        frozenset(f"{d.day}/{d.month}" for d in days if kind != "when"),
    )


def _content(question: str) -> frozenset[str]:
    """The words of a question that tell what happened; none of one in another language than Vietnamese."""
    if guess_language(question) != "vi":
        return frozenset()
    names = {word for m in find_mentions(question) for word in WORD.findall(normal_form(m.name))}
    words = frozenset(w for w in WORD.findall(normal_form(question)) if not w.isdigit())
    return words - names - QUESTION_SYLLABLES - COMMON_SYLLABLES


def _differing(
    one: _Told, other: _Told, asked: frozenset[str], same: float | None
) -> list[tuple[_Told, str]]:
    """Both with the values in which they differ, the older first; nothing when they do not disagree.

    `same` is the share of words they must have in common; None where the question tells what is told.
    """
    if one.places and other.places and not one.places & other.places:
        return []
    if same is not None:
        for mine, theirs in ((one.years, other.years), (one.days, other.days)):
            if mine and theirs and not mine & theirs:
                return []
        shorter = min(len(one.frame), len(other.frame))
        if shorter < FEWEST or len(one.frame & other.frame) < same * shorter:
            return []
        if not asked & one.frame <= other.frame:  # it tells something else of the same kind
            return []
    for sort in dict.fromkeys(sort for sort, _ in one.values.values()):
        here, there = one.of(sort), other.of(sort)
        if there and not here.keys() & there.keys():
            both = [(one, ", ".join(here.values())), (other, ", ".join(there.values()))]
            return sorted(both, key=lambda each: each[0].quote.passage.published or "")
    return []


def _sentence(differing: Sequence[tuple[_Told, str]], numbering: Numbering, language: str) -> Sentence:
    """The older value first, so that the last word is the newest."""
    items = []
    for told, value in differing:
        published = told.quote.passage.published or ""
        name = "disagree_item" if published else "disagree_undated"
        items.append(phrase(name, language).format(value=value, date=_date(published, language)))
    text = phrase("disagree", language).format(first=items[0], second=items[1])
    return Sentence(text, tuple(numbering.number(told.quote) for told, _ in differing), "supported")


def _date(published: str, language: str) -> str:
    """`2023-01-05` → `5/1/2023` for a Vietnamese reader."""
    if language != "vi":
        return published
    return "/".join(part.lstrip("0") for part in reversed(published.split("-")))
