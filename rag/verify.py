"""Does a quote carry what a sentence claims? Pure text, no model.

A claim is taken apart into *items*, which must stand in the source to the letter (spelling variants
aside): numbers, dates and proper names, diacritics and all; and *words*, of which most must stand there
when claim and source share a language. The approach follows the entity and number checks of
faithfulness metrics (e.g. Nan et al. 2021, "Entity-level Factual Consistency", EACL), with the rules of
Vietnamese spelling put in.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache

from rag.abbreviations import WELL_KNOWN
from rag.contradiction import contradicts
from rag.dates import MONTHS
from rag.figures import NUMBER_WORDS, figures_claimed, figures_told
from rag.glossary import english_for
from rag.lexical import COMMON_SYLLABLES
from rag.mentions import PROVINCES, find_mentions, find_people
from rag.negation import is_negated, negated
from rag.offices import judge
from rag.translated import told_in_translation
from rag.types import Verdict
from rag.vietnamese import WORD, fold, guess_language, is_syllable, nfc, normal_form

SUPPORTED_WORDS = 0.6
"""Share of a claim's content words that must stand in the source for `supported`, in one language."""
PARTIAL_WORDS = 0.3
BEYOND = 3
"""So many words besides names and figures, in a language without a glossary, are more than can be checked."""

_RUN = re.compile(r"\b[^\W\d_]+\b(?:[ -][^\W\d_]+\b)*")
_ENGLISH_STOP = frozenset(
    """a an and are as at be by for from has have he her his in is it its of on or she that the their
    they this to was were which who will with what when where why how did does do been also into not than
    then there these those while""".split()
)


_UNSAID = COMMON_SYLLABLES | _ENGLISH_STOP | NUMBER_WORDS | {"mươi", "lẻ", "linh", "giờ", "phút", "giây", "h"}
"""Words that tell nothing by themselves; numbers are compared as figures, however they are written."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a text says, in the forms that are compared."""

    items: frozenset[str]
    """Figures (see `rag.figures`), names in normal form (`~` before one compared without diacritics)."""
    words: frozenset[str]
    """Content words in normal form."""
    language: str = "und"

    @staticmethod
    def of(text: str, language: str | None = None) -> Claim:
        """Take a text apart. Its language is guessed unless given; short mixed texts are better told."""
        text = nfc(text)
        return _claim(text, language or guess_language(text))

    def without(self, other: Claim) -> Claim:
        """What of this claim another one does not cover."""
        return Claim(self.items - other.items, self.words - other.words, self.language)


@lru_cache(maxsize=512)
def _claim(text: str, language: str) -> Claim:
    names = _names(text, language)
    words = frozenset(word for word in compared_words(text) if not word[0].isdigit() and word not in _UNSAID)
    return Claim(figures_claimed(text, language) | names, words, language)


def covers(claim: Claim, text: str) -> Claim:
    """The part of a claim that stands in a text."""
    source = read_source(nfc(text))
    items = {item for item in claim.items if _stands(item, source)}
    return Claim(frozenset(items), claim.words & source.words, claim.language)


def check(
    sentence: str, support: str, *, context: str = "", language: str | None = None, question: str = ""
) -> Verdict:
    """Verdict on one sentence of an answer: the weakest of what its words, its offices and opposites say.

    Args:
        sentence: the claim, without markers.
        support: the quoted words, all quotes together.
        context: what else is known about the source: its title, place, date, and the passage around
            the quote. Names, numbers and dates may stand there; words may not.
        language: of the answer; guessed when not given.
        question: what was asked; whoever is named in answer to "who is the commander" must be that.
    """
    by_words = _check_words(sentence, support, context, language)
    if by_words == "unsupported" or contradicts(sentence, support):
        return "unsupported"
    by_offices = judge(sentence, f"{support}\n{context}", question)
    return min(by_words, by_offices, key=("unsupported", "partial", "supported").index)


def _check_words(sentence: str, support: str, context: str, language: str | None) -> Verdict:
    claim = Claim.of(sentence, _written_in(sentence, language))
    missing = claim.items - covers(claim, f"{support}\n{context}").items
    foreign = is_foreign(claim.language, support)
    if not (claim.items or claim.words) or (missing & firm_items(sentence) if foreign else missing):
        return "unsupported"
    quoted = covers(claim, support)
    if _same_language(claim, support):
        share = len(quoted.words) / len(claim.words) if claim.words else 1.0
        named = _names_known(nfc(sentence), claim.language, f"{support}\n{context}", support)
        if share < PARTIAL_WORDS or named == "unsupported":
            return "unsupported"
        denied = negated(sentence, quoted.words) ^ negated(support, quoted.words)
        if share < SUPPORTED_WORDS or denied or (claim.items and not quoted.items):
            return "partial"
        return named
    # Across languages names and figures can be compared, of the words those that the glossary knows.
    if missing or not quoted.items:
        return "partial"
    other = Claim.of(support).language
    told = told_in_translation(sentence, claim.language, f"{support}\n{context}", other)
    beyond = claim.words - {word for item in claim.items for word in item.lstrip("~").split()}
    if told is None:
        told = len(beyond) < BEYOND
    if is_negated(sentence) != is_negated(support):
        return "partial"
    # Or it is copied from the source, or known by its numbers.
    told = told or len(quoted.words & beyond) >= SUPPORTED_WORDS * len(beyond) or _numbers(quoted) > 1
    return "supported" if told else "partial"


def _written_in(sentence: str, language: str | None) -> str | None:
    """The language to check a sentence in: one that was copied from a Vietnamese article is Vietnamese."""
    if language == "vi" or guess_language(sentence) != "vi":
        return language
    return "vi" if all(is_syllable(word) for word in _WORDS_ALONE.findall(nfc(sentence))) else language


_WORDS_ALONE = re.compile(r"[^\W\d_]+")


def _names_known(sentence: str, language: str, source: str, support: str) -> Verdict:
    """Whether a source knows the other capitalised words of a sentence in its own language.

    Of a run of them none of which it knows it says nothing; an acronym may be spelled out there. A first word
    is capitalised by rule, so it may be no name. Vietnamese names are among the items of a claim already.
    """
    if language == "de" or language not in (Claim.of(support).language, "und"):
        return "supported"  # German capitalises every noun.
    known = read_source(nfc(source)).words
    known |= {fold(word) for word in known}
    weakest: Verdict = "supported"
    for run, begins in _capitalised_runs(sentence):
        first, inner = (run[:1], run[1:]) if begins else ([], run)
        if language == "vi":
            first, inner = (first if len(run) == 1 else []), []
        told = [word.isupper() or _is_known(word, known) for word in inner if fold(word) not in _UNTOLD]
        if told and not any(told):
            return "unsupported"
        if not all(_is_known(word, known) for word in (*first, *inner)):
            weakest = "partial"
    return weakest


def _is_known(word: str, known: Collection[str]) -> bool:
    """Whether a text has a word, or for `Chinese` one like `China`."""
    plain = fold(normal_form(word))
    if plain in known or normal_form(word) in _OPENERS or plain in _UNTOLD or word.lower() in _COUNTING:
        return True
    stem = _DEMONYM.sub("", plain)
    if stem != plain:
        return len(stem) > 3 and any(other.startswith(stem) for other in known)
    peoples = (_DEMONYM.sub("", other) for other in known if _DEMONYM.search(other))
    return any(len(people) > 3 and plain.startswith(people) for people in peoples)


_COUNTING = NUMBER_WORDS | frozenset("cả các những mọi mỗi".split())
_DEMONYM = re.compile(r"(?:ese|ish|ians?|ans?)$")


def _numbers(claim: Claim) -> int:
    return sum(item.startswith("#n") for item in claim.items)


def is_foreign(language: str, text: str) -> bool:
    """Whether names of a Vietnamese text may be translated in another one: `Hoa Kỳ`, `Nhật Bản`."""
    return language == "vi" and guess_language(text[:2000]) not in ("vi", "und")


def firm_items(text: str) -> frozenset[str]:
    """Items of a text that every language writes alike: figures, people, provinces, military regions."""
    items: set[str] = set()
    for mention in find_mentions(text):
        if mention.kind in ("person", "region", "time") or fold(mention.name) in _PROVINCES:
            # A lone word at the start would be taken for no name.
            items |= Claim.of(f", {mention.name.title()}", "vi").items
    return frozenset(items | figures_claimed(nfc(text), "vi"))


_PROVINCES = frozenset(fold(name.strip()) for name in PROVINCES.split("|"))


def _same_language(claim: Claim, support: str) -> bool:
    """A claim of names only belongs to every language; Japanese may have no kana."""
    both = {claim.language, Claim.of(support).language}
    return "und" in both or len(both) == 1 or both == {"ja", "zh"} or not claim.words


@dataclass(frozen=True, slots=True)
class _Source:
    figures: frozenset[str]
    words: frozenset[str]
    plain: str
    """Words in normal form, one space between and around them, long and short forms both present."""


@lru_cache(maxsize=2048)
def read_source(text: str) -> _Source:
    """A text (NFC) in the forms in which claims are looked for."""
    words = WORD.findall(normal_form(text))
    as_written = shortened = lengthened = f" {' '.join(words)} "
    for short, long in WELL_KNOWN.items():
        spelled, full = f" {' '.join(WORD.findall(normal_form(short)))} ", f" {normal_form(long)} "
        shortened = shortened.replace(full, spelled)
        lengthened = lengthened.replace(spelled, full)
    plain = as_written + "".join({shortened, lengthened} - {as_written})
    spaceless = compared_words(text) + [each for run in _SPACELESS.findall(text) for each in run]
    return _Source(figures_told(text), frozenset([*plain.split(), *spaceless]), plain)


def compared_words(text: str) -> list[str]:
    """Words in normal form; where a script has no spaces between them, pairs of neighbouring characters."""
    found: list[str] = []
    for token in _TOKEN.findall(normal_form(text)):
        pairs = _SPACELESS.match(token) and len(token) > 1
        found += [token[i : i + 2] for i in range(len(token) - 1)] if pairs else [token]
    return found


_WITHOUT_SPACES = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
"""Thai and Lao, Burmese, Khmer, Japanese, Chinese."""
_SPACELESS = re.compile(rf"[{_WITHOUT_SPACES}]+")
_TOKEN = re.compile(rf"[{_WITHOUT_SPACES}]+|[^\W{_WITHOUT_SPACES}]+")


def _names(text: str, language: str) -> frozenset[str]:
    """Proper names in normal form: runs of capitalised words, without what merely begins a sentence.

    In a text that is not Vietnamese, only runs spelled like Vietnamese are names that must stand in the
    source as they are; `Military Region` or `People's Committee` may be translations.
    """
    names: set[str] = set()
    for run, begins in _capitalised_runs(text):
        _keep_run(run, begins, language, names)
    return frozenset(names)


def _capitalised_runs(text: str) -> Iterator[tuple[list[str], bool]]:
    """Capitalised words in a row, and whether they begin a sentence. A person's name begins a row of its own
    behind a place: `Chủ tịch tỉnh Hà Tĩnh Võ Trọng Hải`."""
    people = {person.start for person in find_people(text)}
    for match in _RUN.finditer(text):
        words = re.split(r"[ -]", match.group())
        before = text[: match.start()].rstrip(' "“‘(«*-')
        begins = not before or before[-1] in ".!?…:;\n"
        run: list[str] = []
        at = match.start()
        for position, word in enumerate([*words, ""]):
            if run and at in people:
                yield run, begins and position == len(run)
                run = []
            at += len(word) + 1
            if word[:1].isupper():
                run.append(word)
                continue
            if run:
                yield run, begins and position == len(run)
            run = []


def _keep_run(run: list[str], begins_sentence: bool, language: str, names: set[str]) -> None:
    if language != "vi":
        run = [word for word in run if _looks_vietnamese(word)]
        if run and all(word.isascii() for word in run):
            # Elsewhere Vietnamese names are often written without any diacritics.
            names.update(f"~{a} {b}" for a, b in itertools.pairwise(map(normal_form, run)))
            if len(run) == 1:
                names.add(f"~{normal_form(run[0])}")
            return
    elif begins_sentence and run and normal_form(run[0]) in _OPENERS:
        run = run[1:]
    elif begins_sentence and len(run) == 1:
        return
    # Each syllable counts by itself, so that `Chủ tịch Võ Trọng Hải` is carried by a source that
    # writes his office elsewhere in the sentence; the order is checked through neighbouring pairs.
    forms = [normal_form(word) for word in run]
    if len(forms) == 1:
        names.add(forms[0])
    names.update(f"{first} {second}" for first, second in itertools.pairwise(forms))


_OPENERS = COMMON_SYLLABLES | frozenset(
    "ở tại theo ông bà anh chị sáng chiều tối trưa ngày tháng năm trong ngoài về do khi từ đến và với còn "
    "tỉnh huyện xã ai như sau trước cùng riêng đồng".split()
)
"""Words that are capitalised only because they begin a sentence: `Ở Thanh Hóa`, `Ông Hồ Văn Mười`."""


def _looks_vietnamese(word: str) -> bool:
    if not word.isascii():
        return True
    return is_syllable(word) and fold(word) not in _ENGLISH_WORDS


_ENGLISH_WORDS = (
    frozenset(
        """a i in on an at the to he she so do no me my be by go we us it his him her has had can man men son
    sun may march june july august ban bank chairman deputy""".split()
    )
    | _ENGLISH_STOP
)


_UNTOLD = _ENGLISH_STOP | MONTHS.keys() | frozenset("i mr mrs ms dr sir no yes however".split())
"""Capitalised in English, but no name that an article must know; months are compared as dates."""


def _stands(item: str, source: _Source) -> bool:
    """Whether a figure stands in the source in any reading, or a name next to each other and in order."""
    if item.startswith("#"):
        return not source.figures.isdisjoint(item.split("|"))
    if item.startswith("~"):
        return f" {item[1:]} " in fold(source.plain)
    return f" {item} " in source.plain or any(f" {word} " in source.plain for word in english_for(item))


def respell(text: str, source: str) -> str:
    """Names as the source spells them, where a text has the same syllables with other diacritics.

    Small models drop or change diacritics while they copy. A name that the source spells in two ways, or
    does not know, is left as it is.
    """
    text, source = nfc(text), nfc(source)
    folded = fold(source)

    if len(folded) != len(source):
        return text
    for start, end in reversed(_capitalised(text)):
        name = re.escape(fold(text[start:end]))
        found = {source[m.start() : m.end()] for m in re.finditer(rf"\b{name}\b", folded)}
        if len(found) == 1:
            text = text[:start] + found.pop() + text[end:]
    return text


def _capitalised(text: str) -> list[tuple[int, int]]:
    """Spans of two or more capitalised words in a row."""
    spans: list[tuple[int, int, int]] = []
    for match in re.finditer(r"[^\W\d_]+", text):
        if not match.group()[0].isupper():
            continue
        if spans and text[spans[-1][1] : match.start()] == " ":
            start, _, words = spans.pop()
            spans.append((start, match.end(), words + 1))
        else:
            spans.append((match.start(), match.end(), 1))
    return [(start, end) for start, end, words in spans if words > 1]


def only_repeats(answer: str, question: str) -> bool:
    """Whether an answer says nothing that the question did not say."""
    claim = Claim.of(answer, "vi")
    known = covers(claim, question)
    return not (claim.items - known.items or claim.words - known.words - _GIVES_REASON)


_GIVES_REASON = frozenset("because since due thus hence so vì bởi tại nên nhờ lý do reason".split())
