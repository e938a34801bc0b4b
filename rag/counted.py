"""Questions for the members of a group of which the articles tell only the number. Pure text, no model.

`Kể tên 16 tập thể được khen` finds `tặng bằng khen cho 16 tập thể`: that sentence is near, and names nobody.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.types import Citation, Passage
from rag.vietnamese import fold, guess_language, nfc

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
        rf"^\W*(?:(?:tất )?cả |đủ )?{_NUMBER} {_NOUN}\b.* (?:(?:bao )?gồm|là) {_WHICH}",
        rf"\b{_NUMBER} {_NOUN}(?: \w+){{0,2}} nào\b",
        r"\b(?:list|name|enumerate|identify|which|what (?:are|were)|who (?:are|were))(?: (?:all|the|of))* "
        rf"{_NUMBER} {_NOUN}",
    )
)
NOUN = 3
"""So many words behind a number may be what is counted."""
_SMALL = frozenset("va cung cua o tai trong nam the of in at and that who which".split())
_REACH = 60
"""Characters behind what is counted within which a list begins, if one follows."""
_BEGINS = re.compile(r"[:“\"«(]|\b(?:là|gồm|như|namely|are|such as|including)\b", re.I)
_NEAR = 30
"""Characters between what is counted and the comma or dash behind which they are named."""
_COMMA = re.compile(r",| [-–—] ?")
_ITEM = re.compile(r"[,;]|\s(?:và|and|cùng|or|hoặc)\s", re.I)
_NAME = re.compile(r"\b[A-ZĐÀ-ÝĂƠƯẠ-Ỹ][\w'’]*(?: [A-ZĐÀ-ÝĂƠƯẠ-Ỹ][\w'’]*)*")
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
                named = named or _is_named(passage.text, begin, start, behind, end, asked)
    return counted and not named


def _counts(text: str, begin: int, end: int, asked: re.Match[str]) -> list[tuple[int, int]]:
    """Where a text counts as many of the same: start of the number, and end of the noun's first word."""
    value, noun = _value(asked["n"]), _nouns(asked.string, asked.end("n"))
    foreign = guess_language(asked.string) != guess_language(text)
    found = []
    for match in re.finditer(rf"(?<![\w/.,-]){_NUMBER} {_NOUN}", text[begin:end], re.I):
        same = foreign or noun & _nouns(text, begin + match.end("n"))
        if _value(match["n"]) == value and same:
            found.append((begin + match.start(), begin + match.end()))
    return found


def _nouns(text: str, start: int) -> set[str]:
    """The words behind a number, of which one is what is counted: `16 tập thể`, `two main reasons`."""
    words = re.findall(r"[^\W\d_]+", text[start : start + 60])[:NOUN]
    return {fold(word.lower()).removesuffix("s") for word in words} - _SMALL


def _value(number: str) -> int:
    return int(number) if number.isdigit() else _VALUES[number.lower()]


def _is_named(text: str, begin: int, start: int, behind: int, end: int, asked: re.Match[str]) -> bool:
    """Whether those who are counted are listed behind their number, or were before it."""
    if _BEGINS.search(text[behind : min(end, behind + _REACH)]) or _NEXT.match(text[end:]):
        return True
    if _APPOSED.search(text[begin:start]):
        return True
    # As many proper names as are wanted, or as many items behind a comma or a dash, may well be they.
    count = _value(asked["n"])
    known = fold(asked.string).lower()
    names = {name for name in _NAME.findall(text[begin:end]) if fold(name).lower() not in known}
    tail = _COMMA.split(text[behind:end], maxsplit=1)
    listed = [item for item in _ITEM.split(tail[-1]) if item.strip(" .")] if len(tail) > 1 else []
    near = len(tail) > 1 and len(tail[0]) <= _NEAR
    return len(names) >= count or (near and len(listed) >= count)
