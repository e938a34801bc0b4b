"""What lines tell about their article: dates, bylines, sources, places.

Nothing is guessed: a date without a year stays unknown, and a line counts as a date line or a
byline only when nothing else stands in it.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, fields
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is known of an article besides its text; empty where nothing is known."""

    title: str = ""
    published: str = ""
    time: str = ""
    outlet: str = ""
    author: str = ""
    url: str = ""
    place: str = ""

    def over(self, other: Metadata) -> Metadata:
        """These facts, and those of `other` where these are silent. A time stays with its date."""
        merged = {f.name: getattr(self, f.name) or getattr(other, f.name) for f in fields(self)}
        if self.published and not self.time and other.published != self.published:
            merged["time"] = ""
        return Metadata(**merged)


def words_key(text: str) -> str:
    """The words of a text in lower case, for comparing lines that differ in marks and blanks."""
    return " ".join(re.findall(r"[^\W_]+", text.casefold()))


# --- dates -------------------------------------------------------------------------------------

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = rf"(?P<month_name>{'|'.join(_MONTHS)})[a-z]*\.?"
_DAY_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        r"(?<!\d)(?P<year>\d{4})(?P<s>[-/.])(?P<month>\d{1,2})(?P=s)(?P<day>\d{1,2})(?!\d)T?",
        r"(?<!\d)(?P<day>\d{1,2})\s?(?P<s>[-/.])\s?(?P<month>\d{1,2})\s?(?P=s)\s?(?P<year>\d{4})(?!\d)",
        r"(?:ngày )?(?<!\d)(?P<day>\d{1,2}) tháng (?P<month>\d{1,2})(?:,? năm|,|/)? ?(?P<year>\d{4})(?!\d)",
        rf"(?<!\d)(?P<day>\d{{1,2}})(?:st|nd|rd|th)? {_MONTH},? (?P<year>\d{{4}})(?!\d)",
        rf"\b{_MONTH} (?P<day>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<year>\d{{4}})(?!\d)",
    )
)
_MONTH_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        r"(?<!\d)(?P<year>\d{4})[-/](?P<month>\d{1,2})(?!\d)",
        r"(?:tháng )?(?<!\d)(?P<month>\d{1,2})[-/](?P<year>\d{4})(?!\d)",
        r"tháng (?P<month>\d{1,2})(?: năm|,)? (?P<year>\d{4})(?!\d)",
        rf"\b{_MONTH},? (?P<year>\d{{4}})(?!\d)",
    )
)
CLOCK = re.compile(
    r"(?<!\d)(?P<hour>\d{1,2})(?::|h| giờ )(?P<minute>\d{2})(?::\d{2}(?:\.\d+)?)?(?: phút)?"
    r"(?: ?(?P<half>[ap])\.?m\b\.?)?(?!\d)",
    re.IGNORECASE,
)
_ZONE = re.compile(
    r"\(?\b(?:GMT|UTC)\s?(?:[+-]\s?\d{1,2}(?::?\d{2})?)?\)?|(?<=\d)Z\b|[+-]\d{2}:?\d{2}\b|\bICT\b"
)
_DATE_WORDS = re.compile(
    r"\b(?:cập nhật|ngày|đăng|lúc|xuất bản|thời gian|giờ|thứ (?:hai|ba|tư|năm|sáu|bảy|[2-7])|chủ nhật"
    r"|published|updated|posted|date|last|on|at|time"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day|mon|tue|wed|thu|fri|sat|sun)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Moment:
    """A date of day or month precision, and a time of day or nothing."""

    published: str
    time: str = ""


def read_moment(text: str) -> Moment | None:
    """Read text that is a date (`2022-12-08`, `8/12/2022 | 16:53 GMT+7`, `01/2023`) and no more.

    Days come before months, unless only the other order makes a date. None when there is no
    date, the date is not in the calendar, or other words stand beside it.
    """
    if not 6 <= len(text) <= 100:
        return None
    rest = text
    published = ""
    for form in _DAY_FORMS + _MONTH_FORMS:
        if match := form.search(rest):
            published = _calendar(match.groupdict())
            rest = f"{rest[: match.start()]} {rest[match.end() :]}"
            break
    if not published:
        return None
    rest = _ZONE.sub(" ", rest)
    time = ""
    if clock := CLOCK.search(rest):
        hour, minute = int(clock["hour"]), int(clock["minute"])
        if clock["half"]:
            hour = hour % 12 + (12 if clock["half"] in "pP" else 0)
        if hour > 23 or minute > 59:
            return None
        time = f"{hour:02}:{minute:02}"
        rest = f"{rest[: clock.start()]} {rest[clock.end() :]}"
    if re.search(r"[^\W_]", _DATE_WORDS.sub(" ", rest)):
        return None
    return Moment(published, time if len(published) == 10 else "")


def _calendar(parts: Mapping[str, str | None]) -> str:
    """`YYYY-MM-DD` or `YYYY-MM`; empty when there is no such day."""
    year = int(parts["year"] or 0)
    name = parts.get("month_name")
    month = _MONTHS.index(name.lower()) + 1 if name else int(parts["month"] or 0)
    day = parts.get("day")
    if not 1900 <= year <= 2100:
        return ""
    if day is None:
        return f"{year:04}-{month:02}" if 1 <= month <= 12 else ""
    pairs = [(month, int(day))] if name else [(month, int(day)), (int(day), month)]
    for month_number, day_number in pairs:
        try:
            return datetime.date(year, month_number, day_number).isoformat()
        except ValueError:
            continue
    return ""


# --- people ------------------------------------------------------------------------------------

_NAME_WORD = re.compile(r"(?:[^\W\d_]\.){0,2}[^\W\d_]+(?:['’][^\W\d_]+)?|[^\W\d_]\.")
_NAME_SEPARATOR = re.compile(r"\s+[-–—|/]\s+|\s*[,;&]\s*|\s+(?:và|and)\s+")
_CREDIT = r"(?:tin|bài|ảnh|hình|bài viết|text|words|story)"
_LABEL = re.compile(
    rf"(?:{_CREDIT}(?:\s*(?:,|và|và|&|-|–|/|and)\s*{_CREDIT})*|tác giả|người viết|thực hiện|nhóm pv|author)"
    r"\s*:\s*(?P<names>.+)|(?:by|theo phóng viên)\s+(?P<by>.+)",
    re.IGNORECASE,
)
_PICTURE_ONLY = re.compile(r"(?:ảnh|hình|photos?|pictures?)\s*(?:by\b|:)", re.IGNORECASE)


def read_byline(line: str) -> str:
    """The author or authors when the line names them and nothing else; empty otherwise.

    `Tin, ảnh: Khánh An` and `By Jane Doe` are labelled; `Văn Đức – Anh Tấn` is not, and counts
    only with two to five capitalised words for each name.
    """
    line = line.strip().rstrip(".") if len(line) <= 100 else ""
    if not line or _PICTURE_ONLY.match(line):
        return ""
    if label := _LABEL.fullmatch(line):
        names = (label["names"] or label["by"]).strip()
        labelled = label["names"] is not None
        return names if _are_names(names, fewest=1 if labelled else 2, capitals=True) else ""
    if words_key(line) in _NOT_NAMES or line.isupper():
        return ""
    return line if _are_names(line, fewest=2, capitals=False) else ""


def _are_names(text: str, *, fewest: int, capitals: bool) -> bool:
    names = _NAME_SEPARATOR.split(text)
    return len(names) <= 6 and all(_is_name(name, fewest, capitals) for name in names)


def _is_name(name: str, fewest: int, capitals: bool) -> bool:
    words = name.split()
    if not fewest <= len(words) <= 5 or words_key(name) in _NOT_NAMES:
        return False
    return all(
        _NAME_WORD.fullmatch(word)
        and word[0].isupper()
        and (capitals or word[-1] == "." or not word.isupper())
        for word in words
    )


# --- sources -----------------------------------------------------------------------------------

WEB_ADDRESS = re.compile(r"https?://[^\s<>\"]+")
_SOURCE_LINE = re.compile(
    r"\(?(?:(?:nguồn|source|theo|link|url|đường dẫn|địa chỉ)(?:\s+(?:bài|tin))?\b\s*:?\s*)"
    r"(?P<label>[^:()]{0,60}?)\s*:?\s*(?P<url>https?://[^\s<>\"()]+)?\)?\.?",
    re.IGNORECASE,
)


def read_source(line: str) -> Metadata | None:
    """Outlet and address told by `Nguồn Thanh Hóa: http://…`, `(Theo TTXVN)` or a bare address."""
    if len(line) > 600:
        return None
    if WEB_ADDRESS.fullmatch(line):
        return Metadata(url=line, outlet=outlet_of(line))
    match = _SOURCE_LINE.fullmatch(line)
    if match is None or not (match["label"] or match["url"]):
        return None
    label, url = match["label"].strip(" -–,."), match["url"] or ""
    if not url and (len(label.split()) > 5 or not label[:1].isupper()):
        return None
    return Metadata(url=url, outlet=outlet_of(url, label))


def outlet_of(url: str, label: str = "") -> str:
    """The outlet by the name the file gives it, else by its host. A newspaper's host that is
    `bao` and the label (`baothanhhoa.vn`, Thanh Hóa) tells that the label lacks its `Báo`."""
    try:
        host = (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        host = ""
    if label and host.split(".")[0] == "bao" + _bare(label):
        return f"Báo {label}"
    return label or host


def _bare(text: str) -> str:
    letters = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return "".join(letter for letter in letters if letter.isascii() and letter.isalnum())


# --- places ------------------------------------------------------------------------------------

# The provinces and cities before and after the mergers of 2025.
_PROVINCES = """
    An Giang; Bà Rịa - Vũng Tàu; Bạc Liêu; Bắc Giang; Bắc Kạn; Bắc Ninh; Bến Tre; Bình Dương; Bình Định;
    Bình Phước; Bình Thuận; Cà Mau; Cao Bằng; Cần Thơ; Đà Nẵng; Đắk Lắk; Đắk Nông; Điện Biên; Đồng Nai;
    Đồng Tháp; Gia Lai; Hà Giang; Hà Nam; Hà Nội; Hà Tĩnh; Hải Dương; Hải Phòng; Hậu Giang; Hòa Bình;
    Hưng Yên; Khánh Hòa; Kiên Giang; Kon Tum; Lai Châu; Lạng Sơn; Lào Cai; Lâm Đồng; Long An; Nam Định;
    Nghệ An; Ninh Bình; Ninh Thuận; Phú Thọ; Phú Yên; Quảng Bình; Quảng Nam; Quảng Ngãi; Quảng Ninh;
    Quảng Trị; Sóc Trăng; Sơn La; Tây Ninh; Thái Bình; Thái Nguyên; Thanh Hóa; Thừa Thiên Huế; Tiền Giang;
    Trà Vinh; Tuyên Quang; Vĩnh Long; Vĩnh Phúc; Yên Bái
"""
_NAMES = [name.strip() for name in _PROVINCES.split(";")]
_SPELLINGS = {name.replace("Hòa", "Hoà").replace("Hóa", "Hoá"): name for name in _NAMES} | {
    **{name: name for name in _NAMES},
    "Đắc Lắc": "Đắk Lắk",
    "Đắk Lăk": "Đắk Lắk",
    "Đắc Nông": "Đắk Nông",
    "Thừa Thiên - Huế": "Thừa Thiên Huế",
    "Bà Rịa-Vũng Tàu": "Bà Rịa - Vũng Tàu",
}
_NOT_NAMES = {words_key(name) for name in _SPELLINGS} | {
    words_key(name)
    for name in ("Việt Nam", "Hồ Chí Minh", "Tin Liên Quan", "Tin Mới", "Read More", "The End")
}
_PLACE = re.compile(
    r"(?P<unit>\b(?:[Tt]ỉnh|[Tt]hành phố|TP\.?)\s+)?"
    rf"(?:\b(?P<province>{'|'.join(sorted(map(re.escape, _SPELLINGS), key=len, reverse=True))})\b"
    r"|(?P<hcm>(?:TP\.?\s?|[Tt]hành phố )(?:HCM|Hồ Chí Minh)\b))"
)
_CAPITALISED_BEFORE = re.compile(r"[^\W\d_]+ $")


def told_place(title: str, text: str) -> str:
    """The one province an article is about, or nothing.

    It must be the only one named in the title; or the only one named at all, twice or more and
    at least once as `tỉnh …` or `thành phố …`.
    """
    in_title = {name for name, _ in _places(title)}
    if in_title:
        return in_title.pop() if len(in_title) == 1 else ""
    named = _places(text)
    names = {name for name, _ in named}
    if len(names) == 1 and len(named) >= 2 and any(unit for _, unit in named):
        return names.pop()
    return ""


def _places(text: str) -> list[tuple[str, bool]]:
    found = []
    for match in _PLACE.finditer(text):
        if match["hcm"]:
            found.append(("TP. Hồ Chí Minh", True))
            continue
        unit = match["unit"] is not None
        # Nguyễn Hà Nam is a person; so may Hà Nam Anh be.
        before = _CAPITALISED_BEFORE.search(text, max(0, match.start() - 12), match.start())
        after = text[match.end() : match.end() + 2]
        if not unit and (
            (before and before.group()[0].isupper()) or (after[:1] == " " and after[1:].isupper())
        ):
            continue
        found.append((_SPELLINGS[match["province"]], unit))
    return found
