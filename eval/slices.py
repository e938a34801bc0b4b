"""The slices a question belongs to: language, diacritics, kind of question, articles, turn, source."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from eval.dataset import UNACCENTED
from rag.vietnamese import fold, has_diacritics, nfc

_KINDS: tuple[tuple[str, str], ...] = (
    ("when", "(?:năm|ngày|tháng) bao nhiêu"),
    (
        "why",
        "(?:tại|vì) sao|sao lại|vì lý do|vì lí do|nguyên nhân|lý do|lí do|why|what reasons?|what causes?d?",
    ),
    (
        "how many",
        "bao nhiêu|bao lâu|bao xa|(?:mấy|bao nhiêu|những) phần trăm|tỉ lệ|tỷ lệ|số lượng|mức nào"
        "|mấy (?:người|tỉnh|lần|huyện|xã|năm|ngày|tháng|giờ|con|cái|chiếc|địa phương|đơn vị|vụ|loại|bàn|điểm)"
        "|how (?:many|much|long|far|old|large|big|high|often)|what (?:percent|percentage|number|share)",
    ),
    (
        "when",
        "khi nào|bao giờ|lúc nào|hồi nào|vào thời gian|(?:ngày|tháng|năm|mùa|thế kỷ|hôm) (?:nào|mấy)"
        "|giai đoạn nào|thời (?:điểm|gian|kỳ|kì) nào"
        "|when|(?:what|which) (?:year|day|date|month|time|century|season)",
    ),
    (
        "where",
        "đâu|(?:tỉnh|huyện|xã|nơi|nước|thành phố|địa điểm|địa phương|quốc gia|khu vực|vùng) nào"
        "|where|(?:what|which) (?:city|country|province|place|state|region|district|area)",
    ),
    (
        "who",
        "ai|những ai|(?:người|ông|bà|đơn vị|cơ quan|tổ chức|nhóm) nào"
        "|who|whom|whose|(?:what|which) (?:person|team|group)",
    ),
)
_ACCENTED = tuple((kind, re.compile(rf"\b(?:{words})\b")) for kind, words in _KINDS)
_FOLDED = tuple((kind, re.compile(rf"\b(?:{fold(words)})\b")) for kind, words in _KINDS)


def kind_of(question: str) -> str:
    """who, when, where, how many, why, or what (also for anything else), by the words of the question.

    Vietnamese and English. Typed without diacritics, `đầu` and `đâu` look alike, so some are guessed wrong: a
    question file may say the kind itself, with `type`.
    """
    text = nfc(question).lower()
    patterns = _ACCENTED if has_diacritics(text) else _FOLDED
    return next((kind for kind, pattern in patterns if pattern.search(text)), "what")


def slices_of(row: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(kind of slice, name) of all slices that a question of a run is part of.

    Sources in a folder are taken together: the slice is the folder.
    """
    lang = row["lang"]
    slices = [
        ("language", lang.removesuffix(UNACCENTED)),
        ("diacritics", "without" if lang.endswith(UNACCENTED) else "as written"),
        ("question", row.get("type") or kind_of(row["question"])),
        ("answerable", "yes" if row["answerable"] else "no"),
        ("turn", "later" if row.get("history") else "first"),
    ]
    if row["answerable"]:
        slices.append(("articles", "several" if len(row["sources"]) > 1 else "one"))
    return slices + [
        ("source", name) for name in dict.fromkeys(source.split("/")[0] for source in row["sources"])
    ]
