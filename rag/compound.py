"""A question that asks several things → questions that ask one each. Rules; pure text, no model.

`Ai chủ trì ở Hà Tĩnh, và ai ký ở Đắk Nông?` has two clauses that ask; `Đồng Nai và Đắk Nông họp ngày nào?`
asks the same of two places, `When and where …?` two things of one event. A question that cannot be taken
apart surely is left whole: a part that asks something else than was meant would be answered wrongly.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.coreference import by_rules, needs_history
from rag.mentions import find_mentions
from rag.offices import find_posts
from rag.types import Turn
from rag.vietnamese import guess_language, nfc

MOST = 4
"""A question with more parts is left whole: it would take too long."""

_ASKING_VI = (
    "ai|gì|nào|đâu|bao nhiêu|bao giờ|bao lâu|bao xa|mấy|vì sao|tại sao|như thế nào|thế nào|ra sao|làm sao"
)
_ASKING_EN = "who|whom|whose|what|which|when|where|why|how"
_ASKS = {"vi": re.compile(rf"\b(?:{_ASKING_VI})\b", re.I), "en": re.compile(rf"\b(?:{_ASKING_EN})\b", re.I)}
_OPENS = {
    "vi": re.compile(
        r"(?:do |vào |tại |ở |trong |của |với |từ )?(?:những )?"
        r"(?:ai|gì|đâu|bao nhiêu|bao giờ|bao lâu|mấy|vì sao|tại sao|như thế nào|khi nào|lúc nào|nơi nào|"
        r"(?:ngày|năm|tháng|giờ|tỉnh|người|nơi) nào)\b",
        re.I,
    ),
    "en": re.compile(rf"(?:(?:in|on|at|by|to|from|for|of|with|under) )?(?:{_ASKING_EN})\b", re.I),
}
"""How a clause begins that asks by itself."""
_OPENS_AFTER_COMMA = {"vi": _OPENS["vi"], "en": re.compile(r"(?:who|when|where|why|how)\b", re.I)}
"""The same behind a mere comma, where `which` goes on with what was said."""
_BREAK = re.compile(
    r"(?P<stop>[?;])\s+|(?P<comma>,)?\s+(?P<joint>và|còn|đồng thời|and|while|whereas|but)\s+|,\s+", re.I
)
_ANY = re.compile(r"\b(?:không|chẳng|chưa|bất kỳ|bất kì|bất cứ|dù|no matter)\s+$", re.I)
"""`không ai`, `bất kỳ nơi nào`: these do not ask."""
_PREPOSITIONS = "của|ở|tại|tỉnh|thành phố|huyện|xã|ông|bà|đồng chí|trong|năm|về|với|in|of|at|for|by|the|from"
_JOINED = re.compile(r"\b(?:và|cùng|cũng như|and|as well as)\b", re.I)
_CONNECTOR = re.compile(rf"\s*(?:,\s*(?:và|and)?|{_JOINED.pattern})\s+(?:(?:{_PREPOSITIONS})\s+)*", re.I)
_BETWEEN = re.compile(r"\b(?:giữa|between|among|from|từ|liên tịch|hơn|than|versus|so với)\b", re.I)
"""What is told of several together cannot be asked of each."""
_TOGETHER = re.compile(r"\b(?:giữa|từ|hơn|so với)\b", re.I)
_PLURAL = re.compile(
    r"\bnhững (?=(?:ai|gì|ngày|năm|tháng|giai đoạn|người|nơi|đâu|chức)\b)|"
    r"\s*\b(?:lần lượt|tương ứng|respectively)\b,?",
    re.I,
)
_WHEN_WHERE = re.compile(r"\b(?:when|where|why|khi nào|lúc nào|ở đâu|tại đâu|ngày nào|năm nào)\b", re.I)
_HAPPENS = re.compile(r"(?:diễn ra|họp|được tổ chức|bắt đầu|kết thúc|kéo dài)\b", re.I)
_SUBJECTS = re.compile(
    r"(?P<first>.+?)\s+và\s+(?P<second>.+?)\s+(?:(?:cùng|đều|cùng nhau)\s+)?"
    r"(?P<rest>(?:là|thuộc|diễn ra|họp|được|do|có|bắt đầu|kết thúc|kéo dài|áp dụng|nằm|lần lượt)\s.+)",
    re.I,
)
"""`A của X và B của Y là ai`: two things of which the same is asked."""
_ABOUT = ("place", "region", "person")
_SPREAD = (*_ABOUT, "time")


@dataclass(frozen=True, slots=True)
class _Item:
    kind: str
    start: int
    end: int


def parts(question: str) -> list[str]:
    """The questions that a question consists of, in order; itself alone when it asks one thing.

    A later part may still point at an earlier one (`and who signed it?`): see `standing_alone`.
    """
    question = nfc(question).strip()
    language = "en" if guess_language(question) == "en" else "vi"
    found = [each for clause in _clauses(question, language) for each in _spread(clause, language)]
    return found if 1 < len(found) <= MOST else [question]


def standing_alone(part: str, before: Sequence[Turn]) -> str:
    """A part with what it points at put in from the parts before it and their answers."""
    return by_rules(part, before).text if before and needs_history(part) else part


def _clauses(question: str, language: str) -> list[str]:
    """Cut where what stands before asks, and what comes after asks by itself."""
    clauses, begin = [], 0
    for cut in _BREAK.finditer(question):
        left = question[begin : cut.start()]
        # What a clause is about is told in it or before it, not only later.
        told = _asks(left, language) and find_mentions(question[: cut.start()])
        if told and _divides(cut, left, question[cut.end() :], language):
            clauses.append(_as_question(left))
            begin = cut.end()
    return [*clauses, _as_question(question[begin:])]


def _divides(cut: re.Match[str], left: str, right: str, language: str) -> bool:
    """Whether two questions meet here: by a question mark, or by a joint behind which one asks anew."""
    if cut["stop"]:
        return _asks(right, language)
    if not cut["joint"]:
        clause = right[: following.start()] if (following := _BREAK.search(right)) else right
        return bool(_OPENS_AFTER_COMMA[language].match(right)) and _asks(clause, language)
    if not _asks(right, language):
        return False
    together = language == "vi" and (cut["comma"] or _has_topic(left, right))
    return bool(together or _OPENS[language].match(right))


def _has_topic(left: str, right: str) -> bool:
    """Whether two clauses each name what they are about, or the second goes on with the event of the first."""
    if _HAPPENS.match(right):
        return True
    return all(any(m.kind in _ABOUT for m in find_mentions(side)) for side in (left, right))


def _asks(text: str, language: str) -> bool:
    return any(not _ANY.search(text[: word.start()]) for word in _ASKS[language].finditer(text))


def _as_question(clause: str) -> str:
    clause = clause.strip(" ?;,.")
    return f"{clause[:1].upper()}{clause[1:]}?"


def _spread(question: str, language: str) -> list[str]:
    """The question once for each of several places, people, times or offices that it asks the same of."""
    if not _asks(question, language):
        return [question]
    for row in _rows(question):
        first, last = row[0], row[-1]
        if not _BETWEEN.search(question[: first.end]):
            before, behind = question[: first.start], question[last.end :]
            return [_singular(f"{before}{question[each.start : each.end]}{behind}") for each in row]
    return _of_subjects(question) if language == "vi" else [question]


def _of_subjects(question: str) -> list[str]:
    """`A của X và B của Y họp ngày nào` → the same question of each, if each names a place or a person."""
    found = _SUBJECTS.match(question)
    if not found or _TOGETHER.search(found["first"]) or _asks(found["first"] + found["second"], "vi"):
        return [question]
    subjects = found["first"], found["second"]
    about = [[m for m in find_mentions(each) if m.kind in _ABOUT] for each in subjects]
    ends = any(m.end == len(subjects[0]) for m in find_mentions(subjects[0]))
    # `Quân khu 4 và tỉnh Hà Tĩnh họp ngày nào`: one meeting of both.
    headed = about[1] and len(subjects[1][: about[1][0].start].split()) > 1
    if not (ends and about[0] and headed):
        return [question]
    return [_singular(f"{each} {found['rest']}") for each in subjects]


def _singular(question: str) -> str:
    """Without the words that tell that several things are asked for."""
    return _as_question(" ".join(_PLURAL.sub(" ", question).split()))


def _rows(question: str) -> list[list[_Item]]:
    """Runs of at least two things of a kind with only a connector between them."""
    named = [_Item(m.kind, m.start, m.end) for m in find_mentions(question) if m.kind in _SPREAD]
    offices = [_Item(p.kind, p.start, p.end) for p in find_posts(question) if p.kind == "office"]
    asked = [_Item("asked", *match.span()) for match in _WHEN_WHERE.finditer(question)]
    rows = []
    for items in (named, offices, asked):
        row = items[:1]
        for item in items[1:]:
            if item.kind == row[-1].kind and _connected(question, row[-1], item):
                row.append(item)
            else:
                rows.append(row)
                row = [item]
        rows.append(row)
    return [row for row in rows if len(row) > 1]


def _connected(question: str, one: _Item, other: _Item) -> bool:
    """By `và`, or by a comma if a `và` follows soon: `A, B và C`."""
    between = question[one.end : other.start]
    if not _CONNECTOR.fullmatch(between):
        return False
    soon = re.match(r"[^?.;]{0,60}", question[other.end :])
    return bool(_JOINED.search(between) or (soon and _JOINED.search(soon.group())))
