"""Places, people and times that a text names. Rules for Vietnamese and English; pure text, no model."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from rag.dates import find_dates
from rag.vietnamese import fold, has_diacritics, is_syllable, nfc

PROVINCES = """\
An Giang|Bà Rịa - Vũng Tàu|Bà Rịa-Vũng Tàu|Vũng Tàu|Bạc Liêu|Bắc Giang|Bắc Kạn|Bắc Ninh|
Bến Tre|Bình Dương|Bình Định|Bình Phước|Bình Thuận|Cà Mau|Cao Bằng|Cần Thơ|Đà Nẵng|Đắk Lắk|
Đắk Nông|Điện Biên|Đồng Nai|Đồng Tháp|Gia Lai|Hà Giang|Hà Nam|Hà Nội|Hà Tĩnh|Hải Dương|
Hải Phòng|Hậu Giang|Hòa Bình|Hưng Yên|Khánh Hòa|Kiên Giang|Kon Tum|Lai Châu|Lạng Sơn|
Lào Cai|Lâm Đồng|Long An|Nam Định|Nghệ An|Ninh Bình|Ninh Thuận|Phú Thọ|Phú Yên|Quảng Bình|
Quảng Nam|Quảng Ngãi|Quảng Ninh|Quảng Trị|Sóc Trăng|Sơn La|Tây Ninh|Thái Bình|Thái Nguyên|
Thanh Hóa|Thừa Thiên Huế|Thừa Thiên - Huế|Tiền Giang|Trà Vinh|Tuyên Quang|Vĩnh Long|
Vĩnh Phúc|Yên Bái|TP.HCM|TPHCM|Thành phố Hồ Chí Minh|Ho Chi Minh City"""
"""The provinces and cities of Vietnam, those that were merged in 2025 too."""
_FAMILIES = frozenset(
    """nguyen tran le pham hoang huynh phan vu vo dang bui do ho ngo duong ly ha mai dinh lam trinh luong dao
    doan cao thai ta chau quach ton truong la khuc mac tong to nghiem vuong luu vang giang kieu chu phung
    thach dam lu mua sung thi tang khong an ung diep ninh bach van tieu nong hua trieu""".split()
)
"""Family names, folded."""
_TITLES = (
    "ông|bà|anh|chị|cô|chú|đồng chí|đ/c|tướng|tá|tịch|thư|lệnh|ủy|trưởng|phó|giám đốc|tiến sĩ|giáo sư|bác sĩ|"
    "mr|mrs|ms|dr|general|colonel|captain|major|lieutenant|president|chairman|secretary|commander|commissar|director"
)
_COMMON = frozenset(
    """pho chu tu chinh chi bi giam trung dai thieu thuong bo ban uy dang tinh huyen thanh hoi nghi quan doan
    cong phong truong thu khu cuc so doi""".split()
)
"""Syllables that begin offices and organisations, folded: `Phó Chủ tịch` is no name."""
_SMALL = "".join(letter for letter in map(chr, range(0x1F00)) if letter.islower())
_RUN = re.compile(rf"(?<!\w)[^\W\d_{_SMALL}]\w*(?:[ ]+[^\W\d_{_SMALL}]\w*)*")
_LOCATED = re.compile(
    r"(?<!\w)(?:ở|tại|tỉnh|huyện|thành phố|thị xã|quận|o|tai|tinh|in|at|from|near)\s+$", re.I
)
_REGION = re.compile(r"(?<!\w)(?:quân khu|quan khu|military region|quân đoàn|quân chủng)\s+\d+(?!\w)", re.I)
_DOCUMENT = re.compile(
    r"(?<!\w)(?:nghị quyết|nghị định|chỉ thị|quyết định|thông tư|nghi quyet|nghi dinh|chi thi|quyet dinh|"
    r"resolution|decree|directive|decision|circular)\s+(?:(?:số|so|no\.?)\s+)?\d[\w/.-]*",
    re.I,
)
_TIME = re.compile(
    r"(?<!\w)(?:(?:vào|hồi|trong|đầu|giữa|cuối|dịp|giai đoạn|thời kỳ|nhiệm kỳ|"
    r"vao|hoi|dau|cuoi|giai doan|in|during|early|late)\s+)*"
    r"(?:(?:năm|nam)\s+)?"
    r"(?:(?:1[89]|20)\d\d\s*[-–]\s*(?:1[89]|20)\d\d|(?:1[89]|20)\d\d)(?![\d/])",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Mention:
    """Words that name a place, a region, a person, a time, or something else with a proper name."""

    kind: str
    """`place`, `region`, `person`, `time` or `name`."""
    start: int
    end: int
    name: str


@cache
def _provinces() -> tuple[re.Pattern[str], dict[str, str]]:
    names = {fold(name.strip()): name.strip() for name in PROVINCES.split("|")}
    longest = sorted(names, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest))})(?!\w)"), names


@lru_cache(maxsize=1024)
def find_mentions(text: str) -> tuple[Mention, ...]:
    """What a text names, in order, without overlaps. Offsets are those of the text in NFC."""
    text = nfc(text)
    found: list[Mention] = []

    def add(kind: str, start: int, end: int) -> None:
        if not any(start < other.end and other.start < end for other in found):
            found.append(Mention(kind, start, end, text[start:end]))

    for date in find_dates(text):
        if date.day or date.month:
            add("time", date.start, date.end)
    for match in _TIME.finditer(text):
        add("time", *match.span())
    for kind, pattern in (("region", _REGION), ("name", _DOCUMENT)):
        for match in pattern.finditer(text):
            add(kind, *match.span())
    _add_provinces(text, add)
    for person in find_people(text):
        add("person", person.start, person.end)
    for start, end in _runs(text):
        add("place" if _LOCATED.search(text, max(0, start - 12), start) else "name", start, end)
    return tuple(sorted(found, key=lambda mention: mention.start))


def _add_provinces(text: str, add: object) -> None:
    assert callable(add)
    folded = fold(text)
    if len(folded) != len(text):
        return
    pattern, names = _provinces()
    for match in pattern.finditer(folded):
        written = text[match.start() : match.end()]
        rightly = written.lower() == names[match.group()].lower()
        typed_plain = not has_diacritics(text) or (not has_diacritics(written) and written[0].isupper())
        if rightly or typed_plain or written.istitle():
            add("place", *match.span())


@lru_cache(maxsize=2048)
def find_people(text: str) -> tuple[Mention, ...]:
    """Vietnamese names of people: a family name and what follows, or what follows a title."""
    text = nfc(text)
    folded = fold(text)
    pattern, _ = _provinces()
    found = []
    for match in _RUN.finditer(text):
        words = [
            (m.start() + match.start(), m.end() + match.start()) for m in re.finditer(r"\w+", match.group())
        ]
        province = pattern.match(folded, match.start(), match.end())
        behind = [word for word in words if province and word[0] > province.end()]
        if len(behind) > 1 and folded[slice(*behind[0])] in _FAMILIES:
            words = behind  # `Chủ tịch tỉnh Đắk Nông Hồ Văn Mười`
        first = next((i for i, (a, b) in enumerate(words) if folded[a:b] in _FAMILIES), len(words))
        spelled = (is_syllable(text[a:b]) for a, b in words[first:])
        name = [word for word, is_one in zip(words[first:], spelled, strict=True) if is_one]
        if not 2 <= len(name) <= 5 or name != words[first : first + len(name)]:
            continue
        start, end = name[0][0], name[-1][1]
        titled = re.search(rf"(?<!\w)(?:{_TITLES})\.?\s+$", text[max(0, start - 14) : start].lower())
        shouted = re.search(r"[A-ZĐ]{2}", text[start:end])
        if shouted or pattern.fullmatch(folded[start:end]) or (len(name) == 2 and not titled):
            continue
        found.append(Mention("person", start, end, text[start:end]))
    return tuple(found)


_SURELY_NAMES = frozenset(
    """nguyễn trần phạm hoàng huỳnh phan vũ võ đặng bùi đỗ hồ ngô dương đinh trịnh lương đoàn tạ quách trương
    phùng nguyen tran pham hoang huynh bui ngo duong trinh quach phung""".split()
)
"""Family names that are no everyday words, as written and, where that is still so, without diacritics."""


def begins_with_name(text: str) -> bool:
    """Whether a text, typed in small letters, begins with a Vietnamese name: `hồ văn mười chủ trì`."""
    words = re.match(r"\s*(\w+)\s+(\w+)", nfc(text).lower())
    return bool(words and words[1] in _SURELY_NAMES and is_syllable(words[2]))


def _runs(text: str) -> list[tuple[int, int]]:
    """Capitalised words in a row that do not merely begin a sentence."""
    runs = []
    for match in _RUN.finditer(text):
        begins = match.start() == 0 or text[: match.start()].rstrip()[-1:] in ".!?…:;"
        words = [m.span() for m in re.finditer(r"\w+", match.group())]
        if begins:
            words = words[1:]
        common = all(fold(match.group()[a:b]) in _COMMON for a, b in words)
        if words and not common and match.group() != match.group().upper():
            runs.append((match.start() + words[0][0], match.start() + words[-1][1]))
    return runs
