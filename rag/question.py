"""A question made ready for searching: its language, its restored form, and the terms each leg looks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rag.dates import Date, find_dates
from rag.lexical import COMMON_SYLLABLES, QUESTION_SYLLABLES, LexicalIndex, terms
from rag.vietnamese import FUNCTION_WORDS, WORD, fold, guess_language, is_syllable, nfc, normal_form

Terms = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """What is known of a question before anything is looked up."""

    text: str
    """As asked, NFC, without surrounding white space."""
    searched_for: str
    """With diacritics restored; equal to `text` otherwise."""
    language: str
    dates: tuple[Date, ...]
    same: Mapping[str, Terms]
    """Terms by feature, for passages in the language of the question."""
    cross: Mapping[str, Terms]
    """Terms by feature, for passages in another language: what survives translation."""


def read_question(text: str, lexical: LexicalIndex) -> Question:
    """Guess the language, restore diacritics where a Vietnamese question lacks them, and choose the terms."""
    text = nfc(text).strip()
    language = guess_language(text)
    searched_for = lexical.restorer.restore(text) if language == "vi" else text
    groups: dict[str, list[str]] = {
        name: [] for name in ("words", "pairs", "folded_words", "folded_pairs", "exact")
    }
    for term in dict.fromkeys(terms(searched_for)):
        if term[1:] not in QUESTION_SYLLABLES:
            kind = {"=": "", "~": "folded_", "#": "exact"}[term[0]]
            groups[kind if kind == "exact" else kind + ("pairs" if " " in term else "words")].append(term)
    exact = [*groups["exact"], *(f"~{name}" for name in _names(text, language))]
    same = {name: tuple(group) for name, group in groups.items()}
    return Question(
        text,
        searched_for,
        language,
        tuple(find_dates(searched_for)),
        same,
        {"exact": tuple(dict.fromkeys(exact))},
    )


def _names(text: str, language: str) -> list[str]:
    """Folded words that another language is likely to keep: capitalised ones, and those not of a known shape.

    A word at the start of the question is capitalised by rule, so there it must have a foreign shape.
    """
    known = FUNCTION_WORDS.get(language, frozenset())
    names = []
    for match in WORD.finditer(text):
        word = match.group()
        lower = normal_form(word)
        if lower in known or lower.isdigit() or lower in COMMON_SYLLABLES:
            continue
        inside = match.start() > 0 and word[0].isupper()
        if inside or (not is_syllable(word) and len(word) > 3):
            names.append(fold(lower))
    return names
