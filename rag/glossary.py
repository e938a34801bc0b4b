"""A small English–Vietnamese glossary, so that an English question has words to look for in Vietnamese text.

Everyday words of news and reference works, their usual translations, and names that Vietnamese writes in its
own way. They come from the most frequent words of English (the first 3,000 of the package `wordfreq`, some of
the next 3,000), not from any corpus. What is not among them is left to the encoder.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from rag.vietnamese import normal_form

ENTRIES = Path(__file__).with_name("glossary.txt")
"""One entry a line: `english words: tiếng Việt, tiếng Việt`."""


@cache
def _table() -> dict[str, tuple[str, ...]]:
    table: dict[str, tuple[str, ...]] = {}
    for entry in ENTRIES.read_text(encoding="utf-8").splitlines():
        words, _, meanings = entry.partition(":")
        found = tuple(normal_form(meaning.strip()) for meaning in meanings.split(",") if meaning.strip())
        for word in words.split():
            table[word] = tuple(dict.fromkeys(table.get(word, ()) + found))
    return table


def translations(word: str) -> tuple[str, ...]:
    """Vietnamese words for an English one in any of its usual endings, in normal form; () when unknown."""
    table = _table()
    for stem in stems(word.lower()):
        if stem in table:
            return table[stem]
    return ()


@cache
def _reverse() -> dict[str, tuple[str, ...]]:
    table: dict[str, tuple[str, ...]] = {}
    for word, meanings in _table().items():
        for meaning in meanings:
            table[meaning] = (*table.get(meaning, ()), word)
    return table


def english_for(phrase: str) -> tuple[str, ...]:
    """English words for a Vietnamese one in normal form; () when unknown."""
    return _reverse().get(phrase, ())


def stems(word: str) -> list[str]:
    """The word, then what it may be without its English ending."""
    found = [word]
    if word.endswith("ies"):
        found.append(word[:-3] + "y")
    for ending in ("'s", "s", "es", "ed", "d", "ing", "er", "ers", "ly", "al"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            stem = word[: -len(ending)]
            found.append(stem)
            if ending in ("ed", "ing", "er", "ers"):
                found.append(stem + "e")
                if stem[-1] == stem[-2]:
                    found.append(stem[:-1])
    return found
