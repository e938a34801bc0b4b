"""Questions for the members of a group of which the articles tell only the number. Pure text, no model.

`Kể tên 16 tập thể được khen` finds `tặng bằng khen cho 16 tập thể`: that sentence is near, and names nobody.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.types import Citation, Passage
from rag.vietnamese import fold, nfc

_WORDS = {
    "vi": "hai ba bốn năm sáu bảy tám chín mười",
    "en": "two three four five six seven eight nine ten eleven twelve",
}
_VALUES = {word: value for words in _WORDS.values() for value, word in enumerate(words.split(), start=2)}
"""`năm` is five, or a year; it stands in the patterns by itself."""
_NUMBER = (
    r"(?<!khu )(?<!khóa )(?<!thứ )(?<!số )(?<!quý )(?<!tháng )(?<!ngày )(?<!quyết )(?<!region )"
    rf"(?P<n>\d{{1,3}}|{'|'.join(word for word in _VALUES if word != 'năm')}|năm(?! \d))(?![\d/.,:-]*\d)"
)
_NOUN = r"(?P<noun>[^\W\d_]+)"
_WHICH = r"(?:những |các )?(?:\w+ ){0,2}(?:ai|gì|nào)\b"
_ASKED = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        r"(?:kể|liệt kê|nêu|tên|cho biết|chỉ ra)"
        rf"(?: (?:ra|rõ|tên|đủ|đầy đủ|tất cả|cả|của|các|những|giúp tôi))* {_NUMBER} {_NOUN}",
        rf"\b{_NUMBER} {_NOUN}(?: \w+){{0,3}},? (?:đó )?(?:bao )?gồm {_WHICH}",
        rf"^\W*(?:cả )?{_NUMBER} {_NOUN}\b.* (?:(?:bao )?gồm|là) {_WHICH}",
        rf"\b{_NUMBER} {_NOUN}(?: \w+){{0,2}} nào\b",
        r"\b(?:list|name|enumerate|identify|which|what (?:are|were)|who (?:are|were))(?: (?:all|the|of))* "
        rf"{_NUMBER} {_NOUN}",
    )
)
_REACH = 60
"""Characters behind what is counted within which a list begins, if one follows."""
_BEGINS = re.compile(r"[:“\"«(]|\b(?:là|gồm|như|namely|are|such as|including)\b", re.I)
_NEXT = re.compile(
    r"\s*(?:[-–•*]|\d{1,2}[.)]|"
    r"(?:đó là|gồm|bao gồm|cụ thể|trong đó|thứ nhất|một là|they are|these are|namely|first)\b)",
    re.I,
)
_APPOSED = re.compile(r"[,–-]\s*(?:là |these |the )?$")
"""`Huế và Vinh, 2 thành phố …`: they are named before they are counted."""


def only_counted(question: str, citations: Sequence[Citation], passages: Sequence[Passage]) -> bool:
    """Whether a question wants the members of a counted group, and all that is cited is their number.

    Args:
        question: as searched.
        citations: of the answer.
        passages: in which the cited quotes stand.
    """
    asked = next(filter(None, (pattern.search(nfc(question)) for pattern in _ASKED)), None)
    if asked is None:
        return False
    counted = named = False
    for citation in citations:
        for passage in passages:
            inside = passage.start <= citation.start and citation.end <= passage.end
            if passage.source != citation.source or not inside:
                continue
            begin, end = citation.start - passage.start, citation.end - passage.start
            for start, behind in _counts(passage.text, begin, end, asked):
                counted = True
                named = named or _is_named(passage.text, start, behind, end)
    return counted and not named


def _counts(text: str, begin: int, end: int, asked: re.Match[str]) -> list[tuple[int, int]]:
    """Where a text counts as many of the same: start of the number, and end of the noun's first word."""
    value = _value(asked["n"])
    found = []
    for match in re.finditer(rf"(?<![\w/.,-]){_NUMBER} {_NOUN}", text[begin:end], re.I):
        same = fold(match["noun"].lower()) == fold(asked["noun"].lower())
        foreign = asked.re is _ASKED[-1]
        if _value(match["n"]) == value and (same or foreign):
            found.append((begin + match.start(), begin + match.end()))
    return found


def _value(number: str) -> int:
    return int(number) if number.isdigit() else _VALUES[number.lower()]


def _is_named(text: str, start: int, behind: int, end: int) -> bool:
    """Whether those who are counted are listed behind their number, or were before it."""
    return bool(
        _BEGINS.search(text[behind : min(end, behind + _REACH)])
        or _NEXT.match(text[end:])
        or _APPOSED.search(text[:start])
    )
