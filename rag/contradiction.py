"""Whether a text says the other way round what its source does: fell for rose, numbers swapped. Pure text."""

from __future__ import annotations

import re

from rag.lexical import COMMON_SYLLABLES
from rag.negation import is_negated
from rag.vietnamese import WORD, normal_form

_N = r"(\d+(?:[.,]\d+)*(?: [^\W\d_]+)?)"
_BOUNDS = tuple(
    re.compile(rf"(?<!\w)(?:{words}) {_N}")
    for words in (
        "hơn|trên|over|more than|above",
        "gần|dưới|chưa đến|chưa tới|nearly|almost|under|less than|fewer than",
    )
)
"""More than a number, and less than one, with what it counts."""
_AGE = ("tuổi", "year", "years", "and", "must", "pay")
"""Behind a bound they tell of two groups of people rather than of one number."""
_OPPOSITES = tuple(
    tuple(re.compile(rf"(?<!\w)(?:{side})(?!\w)") for side in pair)
    for pair in (
        (r"tăng(?! (?:cường|gia|tốc|ca)\b)|cao hơn", r"giảm(?! (?:nghèo|nhẹ)\b)|thấp hơn"),
        ("phê duyệt|thông qua|chấp thuận|tán thành", "bác bỏ|từ chối|phản đối"),
        ("lớn nhất|cao nhất|nhiều nhất|dài nhất", r"nhỏ nhất|thấp nhất|ít nhất(?! (?:là )?\d)|ngắn nhất"),
        ("rose|rises?|increased?|increases|grew|higher", "fell|falls?|decreased?|decreases|dropped|lower"),
        ("approved|accepted|adopted|passed", "rejected|refused|opposed|turned down"),
        (r"largest|highest|(?<!at )most(?! of\b)|longest", "smallest|lowest|(?<!at )least|shortest"),
    )
)
"""Words of which one side takes back what the other says."""
_CLAUSE = re.compile(r"[.;:!?\n]|,(?!\d)")
_LIGHT = COMMON_SYLLABLES | frozenset("the a an of in on at by to for was were is are has have had".split())
_COUNTED = re.compile(r"(?<![\w/.,-])(\d+(?:[.,]\d+)*) ([^\W\d_]+(?: [^\W\d_]+)?)")


def contradicts(claim: str, source: str) -> bool:
    """Whether a claim takes back what its source says, as far as plain words tell.

    Where the source has words of both sides, or either text denies something, nothing is told plainly.
    """
    said, told = normal_form(claim), normal_form(source)
    if _is_bounded_otherwise(said, told) or _is_swapped(said, told):
        return True
    if is_negated(said) or is_negated(told):
        return False
    return any(
        _takes_back(this, that, said, told) for pair in _OPPOSITES for this, that in (pair, pair[::-1])
    )


def _takes_back(this: re.Pattern[str], that: re.Pattern[str], said: str, told: str) -> bool:
    """Whether one clause of the source says all that the claim does, but for the opposite word."""
    if not this.search(said) or that.search(said) or this.search(told):
        return False
    rest = set(WORD.findall(this.sub(" ", said))) - _LIGHT
    return any(that.search(clause) and rest <= set(WORD.findall(clause)) for clause in _CLAUSE.split(told))


def _is_bounded_otherwise(said: str, told: str) -> bool:
    """Whether `over 500` is said where `nearly 500` is told, or the other way round."""
    here, there = ([set(bound.findall(text)) for bound in _BOUNDS] for text in (said, told))
    clash = [bound for side in (0, 1) for bound in here[side] & (there[1 - side] - there[side])]
    return any(not bound.endswith(_AGE) for bound in clash)


def _is_swapped(said: str, told: str) -> bool:
    """Whether two numbers changed places: each counts in the claim what the other does in the source."""
    claimed, counted = _COUNTED.findall(said), _COUNTED.findall(told)
    for number, what in claimed:
        numbers = [n for n, noun in counted if noun == what]
        heads = {noun.split()[0] for n, noun in counted if n == number}
        swapped = any(noun.split()[0] in heads and n != number for n, noun in claimed)
        if numbers and number not in numbers and swapped:
            return True
    return False
