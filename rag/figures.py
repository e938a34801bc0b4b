"""Numbers and dates that a claim must find in its source, in one spelling. Pure text, no model.

`5 triệu`, `5 million`, `năm triệu` and `5.000.000` are one figure, and so are `5/12/2022` and `ngày 5 tháng
12 năm 2022`. `#n…` is a number, `#n…%` a share, `#d…` a day, `#m…` a month. Where a claim can be read in
several ways (`3.5`: a number or a day) the readings stand in one item with `|` between them, and any will do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from rag.dates import Date, date_tokens, find_dates, normal_number

_DIGITS = {
    "vi": "một hai ba bốn năm sáu bảy tám chín",
    "en": "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen",
}
_DIGIT = {
    language: {word: value for value, word in enumerate(words.split(), start=1)}
    for language, words in _DIGITS.items()
}
_DIGIT["vi"]["bẩy"] = 7
_LAST_DIGIT = {"mốt": 1, "tư": 4, "lăm": 5, "nhăm": 5}
"""Digits only behind tens: elsewhere `tư` is private, fourth, or a part of `đầu tư`."""
_TENS = {"mười": 10} | {
    word: 10 * value
    for value, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2)
}
_SCALES = {
    word: 10**power
    for power, words in {
        2: "trăm hundred",
        3: "nghìn ngàn thousand tausend ribu тысяч тысячи",
        4: "万 萬 만",
        6: "triệu million millions millionen millones juta ล้าน миллион миллиона миллионов",
        8: "亿 億 억",
        9: "tỷ tỉ billion bn milliard milliards milliarde milliarden miliar миллиард миллиарда миллиардов",
        12: "trillion",
    }.items()
    for word in words.split()
}
NUMBER_WORDS = frozenset(_DIGIT["vi"] | _DIGIT["en"] | _TENS | _SCALES)
"""Words that write a number, in small letters."""
_JOINING = frozenset({"and", "lẻ", "linh"})
_FIVE_OF = frozenset("người em cháu chiếc cái vụ hộ ngôi căn đứa tấn".split())
"""`năm` is five before these, unless a word before it makes it a year; mostly it is one."""
_YEAR_BEHIND = frozenset("mỗi hàng hằng các những nhiều trong cuối đầu giữa qua vào từ mấy".split())
_NO_COUNT_BEHIND = frozenset("thứ tháng cả".split())
"""`thứ ba`, `tháng ba`, `cả hai`."""

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_WORD = re.compile(r"[^\W\d_]+")
_SPELLED = "|".join(
    sorted((word for word in _SCALES if word not in "万萬만亿億억ล้าน"), key=len, reverse=True)
)
_SCALE = re.compile(rf"[ -]?((?:{_SPELLED})(?!\w)|[万萬만亿億억]|ล้าน)", re.I)
_PERCENT = re.compile(r" ?(?:[%％]|(?:phần trăm|percent|per cent)\b)", re.I)
_UP_TO = re.compile(r"(?: ?[-–] ?| (?:đến|tới|to|or|and|hoặc|và) )(?=\d)")
_LIKE_A_DAY = re.compile(r"\d+ ?[-.] ?\d+")
_DECIMAL_POINT = re.compile(r"\d+\.\d+")
_NUMBER_OF = re.compile(r"(?<!\w)(?:số|so|no\.?|number)\s*$", re.I)
"""`số 12/2022` is the number of a document and no month."""
_ORDINAL = re.compile(r"-(?:first|second|third|[a-z]+th)\b")


def figures_claimed(text: str, language: str) -> frozenset[str]:
    """What of a text (NFC) must stand in its source: its numbers, shares and dates.

    Number words count if they are of the language of the text. `một` and `one` are mostly no count.
    """
    dates = _certain(_dates(text), text)
    found: set[str] = set()
    for date in dates:
        day = f"#d{date.day}/{date.month}"
        if date.day and date.year:
            found |= {f"{day}/{date.year}|{day}", f"#m{date.month}/{date.year}", f"#n{date.year}"}
        elif date.day:
            found.add("|".join([day, f"{day}/*", *_as_decimal(date, text)]))
        else:
            found.update(date_tokens(date) or [f"#n{date.year}"])
    alone = not _WORD.search(text)
    for number in _numbers(text, dates):
        # A bare number may answer "how many million?".
        readings = [*_readings(text, number), *([f"#x{normal_number(number.group())}"] if alone else [])]
        found.add("|".join(readings))
    return frozenset(found.union(_counts(text, "vi" if language == "vi" else "en")))


def figures_told(text: str) -> frozenset[str]:
    """What a source (NFC) carries, in every reading; a day that has its year carries no other."""
    dates = _dates(text)
    found: set[str] = set()
    for date in dates:
        day = f"#d{date.day}/{date.month}"
        found.update([f"#n{date.year}"] if date.year else [])
        found.update(token for token in date_tokens(date) if token != day)
        if date.day:
            found |= {f"{day}/{date.year}", f"{day}/*"} if date.year else {day, *_as_decimal(date, text)}
    for number in _numbers(text, _certain(dates, text)):
        plain = normal_number(number.group())
        factor, share = _scale(text, number.end())
        found.update(_readings(text, number))
        found.update([f"#n{plain}"] if share else [f"#x{plain}"] if factor > 1 else [])
    return frozenset(found.union(_counts(text, "vi"), _counts(text, "en")))


def _dates(text: str) -> list[Date]:
    """Dates, without numbers that only look like one: `3.5%`, `5-6 million`."""
    return [
        date
        for date in find_dates(text)
        if not (_LIKE_A_DAY.fullmatch(text, date.start, date.end) and _scale(text, date.end) != (1, False))
    ]


def _certain(dates: Sequence[Date], text: str) -> list[Date]:
    """Without what may be the number of a document."""
    return [date for date in dates if not _NUMBER_OF.search(text, max(0, date.start - 9), date.start)]


def _as_decimal(date: Date, text: str) -> list[str]:
    written = text[date.start : date.end]
    return [f"#n{normal_number(written)}"] if _DECIMAL_POINT.fullmatch(written) else []


def _numbers(text: str, dates: Sequence[Date]) -> Iterator[re.Match[str]]:
    for match in _NUMBER.finditer(text):
        if not any(date.start <= match.start() < date.end for date in dates):
            yield match


def _scale(text: str, end: int) -> tuple[int, bool]:
    """By what the words behind a number multiply it, and whether they make it a share."""
    factor = 1
    while match := _SCALE.match(text, end):
        factor *= _SCALES[match.group(1).lower()]
        end = match.end()
    return factor, bool(_PERCENT.match(text, end))


def _readings(text: str, number: re.Match[str]) -> list[str]:
    """What a number in digits says; the first of `5-6 million` may be millions too."""
    plain = normal_number(number.group())
    scale = _scale(text, number.end())
    found = [_token(plain, *scale)]
    if scale == (1, False) and (up_to := _UP_TO.match(text, number.end())):
        upper = _NUMBER.match(text, up_to.end())
        found += [_token(plain, *_scale(text, upper.end()))] if upper else []
    return list(dict.fromkeys(found))


def _token(plain: str, factor: int, share: bool) -> str:
    if factor > 1 and plain.count(".") < 2:
        plain = f"{(Decimal(plain) * factor).normalize():f}"
    return f"#n{plain}{'%' * share}"


def _counts(text: str, language: str) -> Iterator[str]:
    """Numbers spelled out. A Vietnamese one must stand before a word, in small letters: `bà Ba` is a name."""
    words = list(_WORD.finditer(text))
    start = 0
    while start < len(words):
        value, length = _spelled_at(text, words, start, language)
        if value > 1 and _is_count(text, words, start, start + length, language):
            yield f"#n{value}"
        start += max(1, length)


def _spelled_at(text: str, words: Sequence[re.Match[str]], start: int, language: str) -> tuple[int, int]:
    """The number that begins with a word, and its length in words; 0, 0 if none does."""
    total = group = digit = length = 0
    last = ""
    for at in range(start, len(words)):
        word = words[at].group().lower()
        if at > start and text[words[at - 1].end() : words[at].start()] not in (" ", "-"):
            break
        if word == "năm" and last not in ("lẻ", "linh") and not _is_five(words, at, start):
            break
        if not digit and word in _DIGIT[language]:
            digit = _DIGIT[language][word]
        elif last in ("mươi", "mười") and word in _LAST_DIGIT:
            digit = _LAST_DIGIT[word]
        elif not digit and not group % 100 and word in _TENS and (word == "mười") == (language == "vi"):
            group += _TENS[word]
        elif digit and word in ("mươi", "trăm", "hundred"):
            group, digit = group + digit * (10 if word == "mươi" else 100), 0
        elif (group or digit) and _SCALES.get(word, 0) > 100:
            total, group, digit = total + (group + digit) * _SCALES[word], 0, 0
        elif not (at > start and word in _JOINING):
            break
        last = word
        length = at - start + (word not in _JOINING)
    return total + group + digit, length


def _is_five(words: Sequence[re.Match[str]], at: int, start: int) -> bool:
    following = words[at + 1].group().lower() if at + 1 < len(words) else ""
    before = words[at - 1].group().lower() if at else ""
    if following in _SCALES or following == "mươi":
        return True
    return at == start and following in _FIVE_OF and before not in _YEAR_BEHIND


def _is_count(text: str, words: Sequence[re.Match[str]], start: int, end: int, language: str) -> bool:
    if language == "en":
        return not _ORDINAL.match(text, words[end - 1].end())
    begins = not text[: words[start].start()].strip() or text[: words[start].start()].rstrip()[-1] in ".!?…:;"
    before = words[start - 1].group().lower() if start else ""
    named = words[start].group()[0].isupper() and not begins
    behind = text[words[end - 1].end() :][:2]
    counts = end - start > 1 or (behind[:1] == " " and behind[1:].islower())
    return counts and not named and before not in _NO_COUNT_BEHIND
