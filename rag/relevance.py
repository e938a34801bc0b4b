"""Which articles can a question be about? Those that know its names and years. Pure text, no model."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Mapping
from difflib import get_close_matches

from rag.offices import find_posts
from rag.verify import Claim, covers, firm_items, is_foreign, read_source
from rag.vietnamese import WORD, fold, is_syllable, nfc, normal_form


def demands(question: str, language: str) -> Claim:
    """The names and years of a question: what an article must know to be about the same thing.

    One capitalised Vietnamese syllable alone is a name only behind a word for a place: `ở Vinh`, but not
    `Thủ tướng`, `Trái đất`, `người Anh`.
    """
    claim = Claim.of(question, language)
    if _all_capitals(question):
        firm = {f"~{i}" if i.isascii() else i for i in firm_items(question) if i[0] != "#"}
        return Claim(frozenset(firm | _years(claim)), frozenset(), claim.language)
    placed = {normal_form(word) for word in _PLACED.findall(nfc(question))}
    names = {item for item in claim.items if item[0] != "#"}
    lone = {name for name in names if is_syllable(name.lstrip("~")) and name.lstrip("~") not in placed}
    return Claim(frozenset(_years(claim) | names - lone), frozenset(), claim.language)


def _years(claim: Claim) -> set[str]:
    return {item for item in claim.items if re.fullmatch(r"#n(19|20)\d\d", item)}


def _all_capitals(text: str) -> bool:
    """A text in capitals, or in Title Case, where a capital letter tells nothing."""
    words = [word for word in _LETTERS.findall(text) if len(word) > 1]
    return len(words) > 3 and sum(word[0].isupper() for word in words) > 0.9 * len(words)


_LETTERS = re.compile(r"[^\W\d_]+")
_PLACED = re.compile(
    r"\b(?:ở|o|tại|tai|in|at|tỉnh|tinh|thành phố|thanh pho|tp|huyện|huyen|thị xã|quận|quan|xã|xa|phường)\.? "
    r"([^\W\d_]+)",
    re.IGNORECASE,
)
ALIKE = 0.85
"""How alike two spellings of a foreign name must be, as `difflib` measures it: `Shelly`, `Shelley`."""


def relevant_articles(question: str, language: str, articles: Mapping[str, str]) -> set[str]:
    """Those of the articles (name → title, place, date and text) that a question can be about.

    A question that names Nghệ An is not answered by an article in which Nghệ An does not occur, however
    well the rest fits. Articles that know all its names and years are taken. Where none even knows all its
    names, the question may be comparing: then those that together know everything are taken, each with a
    name of more than a body. Else none.
    """
    demanded = demands(question, language)
    names = {i for i in demanded.items if not i.startswith("#")}
    known: dict[str, frozenset[str]] = {}
    for source, text in articles.items():
        items = covers(demanded, text).items
        known[source] = items | _initialled(names, text) | _misspelled(names - items, text)
        if is_foreign(language, text):
            plain = fold(read_source(nfc(text)).plain)
            known[source] |= {n for n in names if f" {fold(n)} " in plain} | {
                n for n in names if n.lstrip("~") not in firm_items(question)
            }
    whole = {source for source, items in known.items() if items == demanded.items}
    if whole or any(items >= names for items in known.values()):
        return whole
    if frozenset().union(*known.values()) != demanded.items:
        return set()
    bodies = {
        word
        for post in find_posts(question)
        if post.kind == "organisation"
        for word in WORD.findall(normal_form(nfc(question)[post.start : post.end]))
    }
    # One that knows but the name of a body, such as a military command, is about another place.
    firm = {name for name in names if bodies.isdisjoint(name.lstrip("~").split())} or names
    return {source for source, items in known.items() if items & firm}


def _misspelled(names: Collection[str], text: str) -> set[str]:
    """Foreign names that an article spells a little differently, or in two words: `Superbowl`."""
    foreign = {n: n.lstrip("~") for n in names if not any(map(is_syllable, n.lstrip("~").split()))}
    if not foreign:
        return set()
    words = read_source(nfc(text)).plain.split()
    spelled = {*words, *(a + b for a, b in itertools.pairwise(words))}
    return {
        name
        for name, plain in foreign.items()
        if all(len(w) > 4 and get_close_matches(w, spelled, 1, ALIKE) for w in plain.split())
    }


def _initialled(names: set[str], text: str) -> set[str]:
    """Names that an article gives by their initials, as a newspaper's dateline does: `(ĐN)` for Đồng Nai."""
    return {n for n in names if f"({''.join(word[0] for word in n.lstrip('~').split()).upper()})" in text}
