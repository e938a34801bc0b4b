"""Numbers and dates in their spellings, as tokens that two spellings of the same thing share.

`8/12`, `08-12`, `ngày 8 tháng 12` and `8 December` give one token, and so do `1.200`, `1,200` and `1200`.
Times of day, scores and ranges can look like a date; the extra token then does no harm.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.vietnamese import fold

_MONTH_NAMES = """january jan; february feb; march mar; april apr; may; june jun; july jul; august aug;
    september sept sep; october oct; november nov; december dec"""
MONTHS = {
    name: number for number, names in enumerate(_MONTH_NAMES.split(";"), start=1) for name in names.split()
}
_NAME = "|".join(sorted(MONTHS, key=len, reverse=True))
_YEAR = r"(?P<year>1[0-9]{3}|20[0-9]{2})"
_MONTH = r"(?P<month>0?[1-9]|1[0-2])"
_DAY = r"(?P<day>0?[1-9]|[12][0-9]|3[01])"
_OF_YEAR = rf"(?:(?:,? ?nam|,|/|-)? ?{_YEAR})?"
_DATE_FORMS = [
    re.compile(form)
    for form in (
        rf"\b{_YEAR}-{_MONTH}-{_DAY}\b",
        rf"\b{_DAY} ?(?P<cut>[-/.]) ?{_MONTH}(?: ?(?P=cut) ?{_YEAR})?(?![\d/])",
        rf"\b{_DAY} ?(?:,? ?thang) ?{_MONTH}{_OF_YEAR}\b",
        rf"\bthang ?{_MONTH}{_OF_YEAR}\b",
        rf"\b{_MONTH} ?[/-] ?{_YEAR}\b",
        rf"\b{_DAY}(?:st|nd|rd|th)?(?: of)? (?P<name>{_NAME})\b\.?(?:,? (?:of )?{_YEAR})?\b",
        rf"\b(?P<name>{_NAME})\b\.? {_DAY}(?:st|nd|rd|th)?\b(?:,? {_YEAR})?",
        rf"\b(?P<name>{_NAME})\b\.?,? (?:of )?{_YEAR}\b",
        rf"\b(?:nam|in|since|year|during|from|until|by) {_YEAR}\b",
    )
]
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_GROUPED = re.compile(r"\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*")


@dataclass(frozen=True, slots=True)
class Date:
    """A date as far as the text tells it; `start` and `end` are offsets in that text."""

    start: int
    end: int
    year: int | None = None
    month: int | None = None
    day: int | None = None


def find_dates(text: str) -> list[Date]:
    """Dates, months and years named in a text (NFC), in order, without overlaps."""
    if not _NUMBER.search(text):
        return []
    folded = fold(text)
    found: list[Date] = []
    for form in _DATE_FORMS:
        for match in form.finditer(folded):
            start, end = match.span()
            if any(start < date.end and date.start < end for date in found):
                continue
            part = match.groupdict()
            month = MONTHS[part["name"]] if part.get("name") else part.get("month")
            year, day = part.get("year"), part.get("day")
            found.append(Date(start, end, *(int(value) if value else None for value in (year, month, day))))
    return sorted(found, key=lambda date: date.start)


def date_tokens(date: Date) -> list[str]:
    """`#d8/12`, `#m12/2022`, `#n2022`: as many as the date supports. A lone month gives `#m12`."""
    tokens = []
    if date.day and date.month:
        tokens.append(f"#d{date.day}/{date.month}")
    if date.month and date.year:
        tokens.append(f"#m{date.month}/{date.year}")
    elif date.month and not date.day:
        tokens.append(f"#m{date.month}")
    return tokens


def normal_number(number: str) -> str:
    """`1.200` and `1,200` → `1200`; `3,50` → `3.5`; `08` → `8`."""
    if _GROUPED.fullmatch(number):
        return re.sub(r"[.,]", "", number).lstrip("0") or "0"
    whole, *rest = re.split(r"[.,]", number)
    whole = whole.lstrip("0") or "0"
    if len(rest) == 1:
        decimals = rest[0].rstrip("0")
        return f"{whole}.{decimals}" if decimals else whole
    return ".".join([whole, *rest])


def number_tokens(text: str) -> list[str]:
    """One `#n…` token for every number of a text, years among them."""
    return [f"#n{normal_number(match.group())}" for match in _NUMBER.finditer(text)]
