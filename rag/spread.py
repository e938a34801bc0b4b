"""A question that asks the same of several things → the question of each. Rules; pure text, no model.

`Đồng Nai và Đắk Nông họp ngày nào?` asks twice. `Đồng Nai và Đắk Nông cách nhau bao xa?` asks once: where
several are spoken of together, or may be, the question is left whole.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from rag.mentions import find_mentions
from rag.offices import find_posts

ABOUT = ("place", "region", "person")
"""Kinds of mentions that a question can be about."""
_JOINED = re.compile(r"\b(?:và|cũng như|and|as well as)\b", re.I)
_PREPOSITIONS = "của|ở|tại|trong|về|với|in|of|at|for|by|the|from"
_CONNECTOR = re.compile(
    rf"\s*(?:,\s*(?:(?:và|and)\s+)?|\s{_JOINED.pattern}\s+)\s*(?:(?:{_PREPOSITIONS})\s+)*", re.I
)
_UNIT = re.compile(
    r"(?<!\w)(?:tỉnh|thành phố|thị xã|quận|huyện|xã|phường|ông|bà|anh|chị|đồng chí|mr\.?|mrs\.?|ms\.?)\s+$",
    re.I,
)
"""What belongs to the name behind it: `thành phố Hà Tĩnh và huyện Lộc Hà`."""
_OF = re.compile(r"\s+(?:(?:of|in|from|at|của|ở|tại|tỉnh|năm|vào|trong|the)\s+)*", re.I)
_TOGETHER = re.compile(
    r"\b(?:giữa|từ|liên tịch|nhau|cùng|chung|tổng|cả|ngoài|nối|giáp|gồm|thay mặt|đại diện|(?<!sau )sáp nhập|"
    r"(?<!sáp )nhập|qua|đoạn|"
    r"thuộc|kề|ranh giới|biên giới|hội đàm|thống nhất|khác|"
    r"giống|so|so sánh|hơn|nhất|trận|kiêm|vừa|ký|kí|kết hôn|chảy qua|con của|có sự tham gia|"
    r"between|among|from|than|versus|together|both|share|common|other|combined|jointly|total|marry|married|"
    r"meet|met|compare|differ\w*|link\w*|connect\w*|border\w*|separat\w+|most|more|less|fewer|first|same|"
    r"signed?|through|across|merg\w+|join\w*|talks)\b",
    re.I,
)
"""Words with which something may be told of several together, or of one against the other."""
_BY = re.compile(r"\bdo\s+(?:\w+\s+)?$", re.I)
_PLURAL = re.compile(
    r"\bnhững (?=(?:ai|gì|ngày|năm|tháng|giai đoạn|người|nơi|đâu|chức)\b)|"
    r"\s*\b(?:lần lượt|tương ứng|respectively)\b,?",
    re.I,
)
_OF_EACH = re.compile(r"\b(?:lần lượt|tương ứng|respectively|each)\b", re.I)
_HOLDERS = re.compile(
    r"\b(?:những ai|lần lượt|là ai|là những ai|tên (?:là )?gì|names?|who are|who were|respectively)\b", re.I
)
_WHEN_WHERE = re.compile(
    r"\b(?:when|where|why|khi nào|lúc nào|ở đâu|tại đâu|ngày nào|năm nào|mấy giờ)\b", re.I
)
_SUBJECTS = re.compile(
    r"(?P<first>.+?)\s+và\s+(?P<second>.+?)\s+(?:(?:cùng|đều|cùng nhau)\s+)?"
    r"(?P<rest>(?:là|thuộc|diễn ra|họp|được|do|có|bắt đầu|kết thúc|kéo dài|áp dụng|nằm|lần lượt)\s.+)",
    re.I,
)
"""`A của X và B của Y là ai`: two things of which the same is asked."""


@dataclass(frozen=True, slots=True)
class _Item:
    kind: str
    start: int
    end: int


def spread_asking(question: str) -> list[str]:
    """`When and where was it?` → `When was it?`, `Where was it?`; the question alone without such a row."""
    items = [_Item("asking", *match.span()) for match in _WHEN_WHERE.finditer(question)]
    row = next((row for row in _rows(question, items) if len(row) > 1), [])
    return _each(question, row) if row else [question]


def spread(question: str) -> list[str]:
    """The question once for each of several places, people or offices that it asks the same of."""
    for row in _rows_of_things(question):
        if not _told_together(question, row):
            return _each(question, row)
    return _of_subjects(question)


def _each(question: str, row: list[_Item]) -> list[str]:
    before, behind = question[: row[0].start], question[row[-1].end :]
    return [singular(f"{before}{question[item.start : item.end]}{behind}") for item in row]


def singular(question: str) -> str:
    """Without the words that tell that several things are asked for."""
    question = re.sub(
        r"^(Who|What) (?:are|(were))\b", lambda m: f"{m[1]} {'was' if m[2] else 'is'}", question
    )
    return " ".join(_PLURAL.sub(" ", question).split())


def _rows_of_things(question: str) -> list[list[_Item]]:
    """Runs of things of a kind with only a connector between them, the longest things first."""
    named = [
        _Item(
            m.kind, m.start - len(unit[0]) if (unit := _UNIT.search(question[: m.start])) else m.start, m.end
        )
        for m in find_mentions(question)
        if m.kind in (*ABOUT, "time")
    ]
    offices = [_Item("office", p.start, p.end) for p in find_posts(question) if p.kind == "office"]
    composed = _composed(question, sorted([*named, *offices], key=lambda item: item.start))
    # Two years belong to one event more often than not.
    things = [item for item in named if item.kind != "time"]
    people = any(item.kind == "person" for item in named)
    rows = [*_rows(question, composed), *_rows(question, things)]
    if not people and _HOLDERS.search(question):  # with a name they are the offices of one
        rows += _rows(question, offices)
    return [row for row in rows if _is_row(question, row)]


def _composed(question: str, items: list[_Item]) -> list[_Item]:
    """Neighbours that only a preposition joins, as one thing: `Lê Văn An of Huế`, `Huế in 2022`."""
    return [
        _Item(f"{one.kind} {other.kind}", one.start, other.end)
        for one, other in pairwise(items)
        if one.end < other.start and _OF.fullmatch(question[one.end : other.start])
    ]


def _rows(question: str, items: list[_Item]) -> list[list[_Item]]:
    rows: list[list[_Item]] = [[]]
    for item in items:
        kinds = {item.kind, *(each.kind for each in rows[-1])}
        alike = len(kinds) == 1 or kinds == {"place", "region"}
        if rows[-1] and alike and _CONNECTOR.fullmatch(question[rows[-1][-1].end : item.start]):
            rows[-1].append(item)
        else:
            rows.append([item])
    return rows


def _is_row(question: str, row: list[_Item]) -> bool:
    """`A và B`, `A, B và C`, or three with commas; not where a name that is not understood goes on with it.

    A place and a region alone may do something together.
    """
    kinds = {item.kind for item in row}
    between = " ".join(question[one.end : other.start] for one, other in pairwise(row))
    whole = len(row) > 2 or (len(row) == 2 and len(kinds) == 1 and bool(_JOINED.search(between)))
    goes_on = re.match(_CONNECTOR.pattern, question[row[-1].end :], re.I) if row else None
    capital = goes_on and question[row[-1].end + goes_on.end() :][:1].isupper()
    return whole and not capital and not re.search(r"[^\W\d_]\w*,\s*$", question[: row[0].start][-12:])


def _told_together(question: str, row: list[_Item]) -> bool:
    if _OF_EACH.search(question):
        return False
    before, behind = question[: row[0].start], question[row[-1].end :]
    if _BY.search(before) and re.match(r"\s+(?!(?:là|ai|nào)\b)\w", behind):
        return True  # `Công ty do A và B sáng lập`
    around = f"{before} … {behind}"
    return bool(_TOGETHER.search(around))


def _of_subjects(question: str) -> list[str]:
    """`A của X và B của Y họp ngày nào` → the same question of each, if each names a place or a person."""
    found = _SUBJECTS.match(question)
    if not found or re.search(
        r"\b(?:giữa|từ|hơn|nhau|tổng|ai|gì|nào|đâu|bao nhiêu|mấy)\b", found["first"], re.I
    ):
        return [question]
    subjects = found["first"], found["second"]
    about = [[m for m in find_mentions(each) if m.kind in ABOUT] for each in subjects]
    ends = any(m.end == len(subjects[0]) for m in find_mentions(subjects[0]))
    # `Quân khu 4 và tỉnh Hà Tĩnh họp ngày nào`: one meeting of both.
    headed = about[1] and len(subjects[1][: about[1][0].start].split()) > 1
    together = re.search(r"\b(?:nhau|cách|khác|hơn|chung)\b", found["rest"], re.I)
    if not (ends and about[0] and headed) or together:
        return [question]
    return [singular(f"{each} {found['rest']}") for each in subjects]
