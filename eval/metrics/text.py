"""Comparing an answer with the accepted ones: normal form, exact match, F1, contains.

The normal form follows SQuAD (Rajpurkar et al. 2016) and MLQA (Lewis et al. 2020): lower case, no
punctuation, words split at spaces. It differs in what Vietnamese needs: NFC, one tone placement (`hoà` =
`hòa`), a number's thousands written alike (`5.000` = `5,000` = `5000`), a decimal comma read as a point,
dates written alike (`03-01` = `3/1`), and no word dropped: the English articles a, an, the stay, and so do
the Vietnamese classifiers that MLQA removes.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Sequence
from functools import lru_cache

from rag.vietnamese import normal_form

_MARKER = re.compile(r"[ \t]*\[(\d+(?:\s*,\s*\d+)*)\]")
_THOUSANDS = re.compile(r"(?<![\d.,])\d{1,3}(?:([.,\u00a0])\d{3})(?:\1\d{3})*(?![\d]|[.,]\d{3})")
_SEPARATOR = re.compile(r"(?<=\d)([.,/\-\u2010-\u2015])(?=\d)")
_LEADING_ZEROS = re.compile(r"(?<![\d\ue000])0+(?=\d)")
_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")
_KEPT = {".": "\ue000", ",": "\ue000"}
"""Separators between digits stand in for themselves as private characters while punctuation goes."""


def strip_markers(text: str, numbers: Collection[int] | None = None) -> str:
    """The text without citation markers such as ` [1]` or `[1, 2]`.

    With `numbers` only those count as markers, so that a `[7]` of the article itself stays.
    """

    def drop(match: re.Match[str]) -> str:
        marked = {int(number) for number in match.group(1).split(",")}
        return "" if numbers is None or marked <= set(numbers) else match.group(0)

    return _MARKER.sub(drop, text).strip()


@lru_cache(maxsize=65536)
def tokens(text: str) -> tuple[str, ...]:
    """The words of the normal form; in scripts written without spaces, each character is a word."""
    text = normal_form(text)
    text = _THOUSANDS.sub(lambda match: re.sub(r"[.,\u00a0]", "", match.group(0)), text)
    text = _SEPARATOR.sub(lambda match: _KEPT.get(match.group(1), "\ue001"), text)
    text = _LEADING_ZEROS.sub("", text)
    text = "".join(" " if _is_filler(char) else char for char in text)
    text = _UNSPACED.sub(lambda match: f" {match.group(0)} ", text)
    return tuple(text.replace("\ue000", ".").replace("\ue001", "/").split())


def _is_filler(char: str) -> bool:
    return unicodedata.category(char)[0] in "PSZC" and char not in "\ue000\ue001"


def normalise(text: str) -> str:
    """The form in which answers are compared."""
    return " ".join(tokens(text))


def exact_match(answer: str, accepted: Sequence[str]) -> float:
    """1 if the normal form equals that of an accepted answer, else 0. Source: SQuAD 1.1."""
    return float(any(tokens(answer) == tokens(each) for each in accepted))


def f1(answer: str, accepted: Sequence[str]) -> float:
    """2PR / (P + R) over the words that answer and accepted answer share (with multiplicity), best accepted
    one.

    P is their share of the answer's words, R of the accepted answer's words. Source: SQuAD 1.1.
    """
    return max((_f1(tokens(answer), tokens(each)) for each in accepted), default=0.0)


def _f1(answer: tuple[str, ...], accepted: tuple[str, ...]) -> float:
    shared = sum((Counter(answer) & Counter(accepted)).values())
    return 2 * shared / (len(answer) + len(accepted)) if shared else 0.0


def contains(text: str, accepted: Sequence[str]) -> float:
    """1 if the words of an accepted answer stand in the text, whole and in a row, else 0.

    `8` is not contained in `308`, since words are compared, not characters.
    """
    return float(any(_holds(tokens(text), tokens(each)) for each in accepted))


def _holds(text: tuple[str, ...], part: tuple[str, ...]) -> bool:
    width = len(part)
    return width > 0 and any(text[i : i + width] == part for i in range(len(text) - width + 1))


def facts_told(text: str, all_of: Sequence[Sequence[str]]) -> float:
    """Share of the facts of which at least one way to say it stands in the text. 0 when there is no fact."""
    return sum(contains(text, ways) for ways in all_of) / len(all_of) if all_of else 0.0
