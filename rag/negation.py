"""What a text says is not so. Pure text, no model."""

from __future__ import annotations

import re

from rag.vietnamese import WORD, normal_form

REACH = 3
"""So many words behind a negation are taken to be negated."""
_NEGATION = re.compile(
    r"(?<!\w)(?:chưa|chẳng|(?<!hàng )(?<!phòng )không"
    r"(?! (?:chỉ|những|gian|khí|quân|lưu|phận|ngừng|quá|dưới|ít)\b)|"
    r"(?:not|never|cannot|without)(?! only\b)|\w+n['’]t|"
    r"nicht|kein\w*|ne|(?<!ấm )no(?!\.? ?\d)|pas|jamais|nunca|tidak|bukan|не)(?!\w)"
)
_CLAUSE_ENDS = re.compile(r"[.,;:!?…\n]")


def negated(text: str, words: frozenset[str]) -> frozenset[str]:
    """Those of the words that stand in a text only behind a negation in their clause, in normal form."""
    plain = normal_form(text)
    denied: list[str] = []
    for match in _NEGATION.finditer(plain):
        clause = _CLAUSE_ENDS.split(plain[match.end() :], maxsplit=1)[0]
        denied += WORD.findall(clause)[:REACH]
    every = WORD.findall(plain)
    return frozenset(word for word in words & {*denied} if denied.count(word) >= every.count(word))


def is_negated(text: str) -> bool:
    """Whether a text denies anything."""
    return bool(_NEGATION.search(normal_form(text)))
