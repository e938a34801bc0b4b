"""A question made ready for searching: its language, its restored form, and the terms each leg looks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from rag.dates import Date, date_tokens, find_dates, normal_number
from rag.glossary import english_for, stems, translations
from rag.lexical import COMMON_SYLLABLES, QUESTION_SYLLABLES, Concept, LexicalIndex, terms
from rag.request import as_question
from rag.vietnamese import (
    FUNCTION_WORDS,
    WORD,
    fold,
    guess_language,
    is_syllable,
    nfc,
    normal_form,
    syllables,
)

Terms = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """What is known of a question before anything is looked up."""

    text: str
    """As asked, NFC, without surrounding white space."""
    searched_for: str
    """With diacritics restored, and without the words of a request; equal to `text` otherwise."""
    language: str
    plain: str
    """Folded syllables of the text, a space before and after each."""
    dates: tuple[Date, ...]
    same: Mapping[str, Terms]
    """Terms by feature, for passages in the language of the question."""
    concepts: tuple[Concept, ...]
    """For passages in another language: names, numbers, and words the glossary translates."""


def read_question(text: str, lexical: LexicalIndex) -> Question:
    """Guess the language, restore diacritics where a Vietnamese question lacks them, and choose the terms."""
    text = nfc(text).strip()
    language = guess_language(text)
    restored = lexical.restorer.restore(text) if language == "vi" else text
    searched_for = as_question(restored, typed_plain=restored != text)
    groups: dict[str, list[str]] = {
        name: [] for name in ("words", "pairs", "folded_words", "folded_pairs", "exact")
    }
    for term in dict.fromkeys(terms(searched_for)):
        if term[1:] not in QUESTION_SYLLABLES:
            kind = {"=": "", "~": "folded_", "#": "exact"}[term[0]]
            groups[kind if kind == "exact" else kind + ("pairs" if " " in term else "words")].append(term)
    same = {name: tuple(group) for name, group in groups.items()}
    dates = tuple(find_dates(searched_for))
    plain = f" {' '.join(syllables(fold(searched_for)))} "
    return Question(text, searched_for, language, plain, dates, same, _concepts(searched_for, language))


def _concepts(text: str, language: str) -> tuple[Concept, ...]:
    """What can be looked for in another language.

    A word is translated if the glossary knows it; a number stays; of the others those are kept that look like
    names: capitalised ones (not the first word, which is capitalised by rule) and those of a foreign shape.
    """
    found: list[Concept] = []
    function_words = FUNCTION_WORDS.get(language, frozenset())
    if language == "vi":
        found += _translated_from_vietnamese(syllables(text))
    for match in WORD.finditer(text):
        word = match.group()
        lower = normal_form(word)
        if lower in function_words or (language == "vi" and lower in COMMON_SYLLABLES):
            continue
        inside = match.start() > 0 and word[0].isupper()
        if word.isdigit():
            found.append(((f"#n{normal_number(word)}",),))
        elif language == "en" and (meanings := translations(lower)):
            found.append(tuple(_wording(meaning) for meaning in meanings))
        elif inside or (len(word) > 3 and not is_syllable(word)):
            found.append(
                tuple((f"~{fold(stem)}",) for stem in (stems(lower) if language == "en" else [lower]))
            )
    found += [((token,),) for date in find_dates(text) for token in date_tokens(date)]
    return tuple(dict.fromkeys(found))


def _translated_from_vietnamese(words: list[str]) -> list[Concept]:
    """English wordings of the longest phrases of a question that the glossary knows."""
    found: list[Concept] = []
    start = 0
    while start < len(words):
        for length in (3, 2, 1):
            english = english_for(" ".join(words[start : start + length]))
            if english and (length > 1 or words[start] not in COMMON_SYLLABLES):
                found.append(tuple((f"={form}",) for word in english for form in (word, f"{word}s")))
                break
        start += length
    return found


def _wording(meaning: str) -> tuple[str, ...]:
    """The terms of a Vietnamese word: its syllable, or its pairs of syllables."""
    words = meaning.split()
    if len(words) == 1:
        return (f"#n{meaning}" if meaning.isdigit() else f"={meaning}",)
    return tuple(f"={first} {second}" for first, second in pairwise(words))
