"""Whether a text says the other way round what its source does: fell for rose, numbers swapped. Pure text."""

from __future__ import annotations

import re

from rag.negation import is_negated
from rag.vietnamese import normal_form

_N = r"(\d+(?:[.,]\d+)*)"
_BOUNDS = tuple(
    re.compile(rf"(?<!\w)(?:{words}) {_N}")
    for words in (
        "hơn|trên|over|more than|above",
        "gần|dưới|chưa đến|chưa tới|nearly|almost|under|less than|fewer than",
    )
)
"""More than a number, and less than one."""
_OPPOSITES = tuple(
    tuple(re.compile(rf"(?<!\w)(?:{side})(?!\w)") for side in pair)
    for pair in (
        ("tăng|cao hơn", "giảm|thấp hơn"),
        ("phê duyệt|thông qua|chấp thuận|tán thành", "bác bỏ|từ chối|phản đối"),
        ("lớn nhất|cao nhất|nhiều nhất|dài nhất", "nhỏ nhất|thấp nhất|ít nhất|ngắn nhất"),
        ("thắng", "thua"),
        ("xuất khẩu", "nhập khẩu"),
        ("rose|rises?|increased?|increases|grew|higher", "fell|falls?|decreased?|decreases|dropped|lower"),
        ("approved|accepted|adopted|passed", "rejected|refused|opposed|turned down"),
        ("largest|highest|most|longest", "smallest|lowest|least|shortest"),
        ("won", "lost"),
        ("exports?|exported", "imports?|imported"),
    )
)
"""Words of which one side takes back what the other says."""
_COUNTED = re.compile(rf"(?<![\w/.,-]){_N} ([^\W\d_]+(?: [^\W\d_]+)?)")


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
        _only(this, that, said) and _only(that, this, told)
        for pair in _OPPOSITES
        for this, that in (pair, pair[::-1])
    )


def _only(this: re.Pattern[str], that: re.Pattern[str], text: str) -> bool:
    return bool(this.search(text)) and not that.search(text)


def _is_bounded_otherwise(said: str, told: str) -> bool:
    """Whether `over 500` is said where `nearly 500` is told, or the other way round."""
    here, there = ([set(bound.findall(text)) for bound in _BOUNDS] for text in (said, told))
    return any(here[side] & (there[1 - side] - there[side]) for side in (0, 1))


def _is_swapped(said: str, told: str) -> bool:
    """Whether a number counts something else than in the source, which counts that with another number."""
    counted = _COUNTED.findall(told)
    for number, what in _COUNTED.findall(said):
        numbers = [n for n, noun in counted if noun == what]
        nouns = " ".join(noun for n, noun in counted if n == number).split()
        if numbers and number not in numbers and nouns and what.split()[0] not in nouns:
            return True
    return False
