"""Do the words of a claim stand in a source of another language, as far as the glossary knows? Pure text."""

from __future__ import annotations

import itertools

from rag.glossary import english_for, translations
from rag.offices import find_posts
from rag.vietnamese import FUNCTION_WORDS, WORD, nfc, normal_form

TOLD_OTHERWISE = 2
"""So many translatable words, none of which stands in the source, and a claim is about something else."""


def told_in_translation(claim: str, language: str, source: str, other: str) -> bool | None:
    """Whether any content word of a claim stands in a source, translated.

    A glossary knows one wording of many, so a single word is enough, and few words say nothing.

    Returns:
        None for a pair of languages without a glossary.
    """
    if {language, other} != {"en", "vi"}:
        return None
    told = f" {' '.join(WORD.findall(normal_form(source)))} "
    wordings = _from_english(claim) if language == "en" else _from_vietnamese(claim)
    # An English word may stand there with an ending.
    ends = " " if other == "vi" else ""
    found = [any(f" {wording}{ends}" in told for wording in each) for each in wordings]
    return any(found) or len(found) < TOLD_OTHERWISE


def _from_english(claim: str) -> list[tuple[str, ...]]:
    """What each word may be in Vietnamese; names, and ranks and offices, are compared elsewhere."""
    claim = nfc(claim)
    posts = find_posts(claim)
    words = [
        match.group()
        for match in WORD.finditer(claim)
        if (match.group()[0].islower() or not match.start())
        and not any(post.start <= match.start() < post.end for post in posts)
    ]
    return [
        found for word in words if word.lower() not in _NO_CONTENT and (found := translations(word.lower()))
    ]


_NO_CONTENT = FUNCTION_WORDS["en"] | frozenset("he she they been also one two three after new old".split())


def _from_vietnamese(claim: str) -> list[tuple[str, ...]]:
    """What each pair of syllables may be in English; single ones have too many meanings."""
    pairs = itertools.pairwise(WORD.findall(normal_form(claim)))
    return [found for first, second in pairs if (found := english_for(f"{first} {second}"))]
