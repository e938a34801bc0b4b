"""Abbreviations and their long forms, learned from the corpus: `Bộ Chỉ huy Quân sự (CHQS)`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from rag.vietnamese import fold, nfc, normal_form

_HYPHENATED = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_BRACKETED = re.compile(r"\(([^()\n]{2,80})\)")
_SYLLABLE = re.compile(r"[^\W\d_]+")

WELL_KNOWN: dict[str, str] = {
    "UBND": "ủy ban nhân dân",
    "HĐND": "hội đồng nhân dân",
    "MTTQ": "mặt trận tổ quốc",
    "CHQS": "chỉ huy quân sự",
    "BĐBP": "bộ đội biên phòng",
    "LLVT": "lực lượng vũ trang",
    "DQTV": "dân quân tự vệ",
    "QĐND": "quân đội nhân dân",
    "CAND": "công an nhân dân",
    "KVPT": "khu vực phòng thủ",
    "QP-AN": "quốc phòng an ninh",
    "QPAN": "quốc phòng an ninh",
    "QS-QP": "quân sự quốc phòng",
    "QP": "quốc phòng",
    "KT-XH": "kinh tế xã hội",
    "TP": "thành phố",
    "TX": "thị xã",
    "TƯ": "trung ương",
    "TW": "trung ương",
    "ĐBQH": "đại biểu quốc hội",
    "CSGT": "cảnh sát giao thông",
    "PCCC": "phòng cháy chữa cháy",
    "THPT": "trung học phổ thông",
    "THCS": "trung học cơ sở",
    "ĐH": "đại học",
    "HS": "học sinh",
    "SV": "sinh viên",
    "BHXH": "bảo hiểm xã hội",
    "BHYT": "bảo hiểm y tế",
    "DN": "doanh nghiệp",
    "NN-PTNT": "nông nghiệp phát triển nông thôn",
    "GD-ĐT": "giáo dục đào tạo",
    "GDĐT": "giáo dục đào tạo",
    "TNMT": "tài nguyên môi trường",
    "XHCN": "xã hội chủ nghĩa",
    "HTX": "hợp tác xã",
    "TPHCM": "thành phố hồ chí minh",
    "LHQ": "liên hợp quốc",
}
"""Used only where the corpus shows both the short and the long form."""


def find_abbreviations(text: str) -> list[str]:
    """Upper-case words that may be abbreviations, without hyphens, in order: `QP-AN` → `QPAN`."""
    words = _HYPHENATED.findall(text)
    return [word.replace("-", "") for word in words if word.isupper() and len(word) > 1]


def _is_short(word: str) -> bool:
    return len(word) >= 2 and word.isupper() and _HYPHENATED.fullmatch(word) is not None


def learn(texts: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Abbreviation (without hyphens, upper case) → long forms (normal form, syllables split by one space).

    Learned where a bracket gives one for the other and the initials agree, and taken from `WELL_KNOWN`
    where the texts show both forms.
    """
    found: dict[str, set[str]] = {}
    shorts: set[str] = set()
    unseen = {normal_form(long) for long in WELL_KNOWN.values()}
    longs: set[str] = set()
    for text in texts:
        text = nfc(text)
        shorts.update(find_abbreviations(text))
        plain = f" {' '.join(_SYLLABLE.findall(normal_form(text)))} "
        longs.update(long for long in unseen if f" {long} " in plain)
        unseen -= longs
        for match in _BRACKETED.finditer(text):
            pair = _bracket_pair(text[max(0, match.start() - 120) : match.start()], match.group(1).strip())
            if pair:
                found.setdefault(pair[0], set()).add(pair[1])
    for name, long in WELL_KNOWN.items():
        short = name.replace("-", "")
        if short in shorts and normal_form(long) in longs:
            found.setdefault(short, set()).add(normal_form(long))
    return {short: tuple(sorted(names)) for short, names in sorted(found.items())}


def _bracket_pair(before: str, inside: str) -> tuple[str, str] | None:
    """The abbreviation and long form a bracket puts side by side, whichever of them it holds."""
    if _is_short(inside):
        short = inside.replace("-", "")
        words = _SYLLABLE.findall(re.split(r"[.!?;:\n]", before)[-1])[-len(short) :]
    else:
        last = re.search(r"([^\s]+)\s*$", before)
        if not last or not _is_short(last.group(1)):
            return None
        short = last.group(1).replace("-", "")
        words = _SYLLABLE.findall(inside)
    if len(words) == len(short) >= 2 and fold("".join(word[0] for word in words)) == fold(short):
        return short.upper(), " ".join(normal_form(word) for word in words)
    return None


def other_forms(text: str, syllables: list[str], known: Mapping[str, tuple[str, ...]]) -> list[list[str]]:
    """The long form of each known abbreviation in a text, the abbreviation of each long form, as syllables.

    A chunk is indexed with both, so that a question finds it by either.
    """
    if not known:
        return []
    plain = f" {' '.join(syllables)} "
    short = {word for word in find_abbreviations(text) if word in known}
    forms = [name.split() for word in sorted(short) for name in known[word]]
    for word, names in known.items():
        if word not in short and any(f" {name} " in plain for name in names):
            forms.append([word.lower()])
    return forms
