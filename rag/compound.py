"""A question that asks several things → questions that ask one each. Rules; pure text, no model.

`Ai chủ trì ở Hà Tĩnh, và ai ký ở Đắk Nông?` has two clauses that ask; `Đồng Nai và Đắk Nông họp ngày nào?`
asks the same of two places, `When and where …?` two things of one event. A question that cannot be taken
apart surely is left whole: a part that asks something else than was meant would be answered wrongly.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.coreference import by_rules, needs_history
from rag.mentions import find_mentions
from rag.offices import find_posts
from rag.types import Turn
from rag.vietnamese import guess_language, nfc

MOST = 4
"""A question with more parts is left whole: it would take too long."""
LONG = 8
"""Words of a first clause that surely tells what it is about, though no name is recognised in it."""

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
    r"(?P<stop>[?;])\s+|"
    r"(?P<comma>,)?\s+(?P<joint>và|còn|rồi|sau đó|đồng thời|trong khi|and|while|whereas|but|then)\s+|,\s+",
    re.I,
)
_AGAINST = {"còn", "trong khi", "while", "whereas"}
"""Joints that set one thing against another."""
_ELLIPSIS = re.compile(r"(?:và|còn|and|what about|how about)\s", re.I)
"""`And Võ Trọng Hải?`: the same of somebody else."""
_REQUESTS = re.compile(
    r"(?:(?:hãy|xin|làm ơn|please) )?(?:cho (?:tôi |mình |em )?(?:biết|xem|hỏi)|cho (?:tôi|mình)|"
    r"nêu|kể|liệt kê|give me|tell me|list|name|show me)\b",
    re.I,
)
_ANY = re.compile(r"\b(?:không|chẳng|chưa|bất kỳ|bất kì|bất cứ|dù|no matter)\s+$", re.I)
"""`không ai`, `bất kỳ nơi nào`: these do not ask."""
_PREPOSITIONS = "của|ở|tại|tỉnh|thành phố|huyện|xã|ông|bà|đồng chí|trong|năm|về|với|in|of|at|for|by|the|from"
_JOINED = re.compile(r"\b(?:và|cùng|cũng như|and|as well as)\b", re.I)
_CONNECTOR = re.compile(rf"\s*(?:,\s*(?:và|and)?|{_JOINED.pattern})\s+(?:(?:{_PREPOSITIONS})\s+)*", re.I)
_OF = re.compile(r"\s+(?:(?:of|in|from|at|của|ở|tại|tỉnh|năm|vào|trong|the)\s+)*", re.I)
_BETWEEN = re.compile(r"\b(?:giữa|between|among|from|từ|liên tịch|hơn|than|versus|so với)\b", re.I)
"""What is told of several together cannot be asked of each."""
_TOGETHER = re.compile(r"\b(?:giữa|từ|hơn|so với)\b", re.I)
_PLURAL = re.compile(
    r"\bnhững (?=(?:ai|gì|ngày|năm|tháng|giai đoạn|người|nơi|đâu|chức)\b)|"
    r"\s*\b(?:lần lượt|tương ứng|respectively)\b,?",
    re.I,
)
_WHEN_WHERE = re.compile(r"\b(?:when|where|why|khi nào|lúc nào|ở đâu|tại đâu|ngày nào|năm nào)\b", re.I)
_GOES_ON = re.compile(
    r"(?:giữ|làm|là|mang|có|được|đã|đang|từng|sinh|mất|quê|nói|phát biểu|trao|ký|chủ trì|dự|đến|giao)\b", re.I
)
_SCENE = re.compile(r"(?:ở|tại|trong|theo|vào|at|in|during|according to)\s[^,?]+,\s", re.I)
"""`Ở hội nghị Hà Tĩnh, ai …`: holds for the clauses that follow too."""
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
        if (
            _asks(left, language)
            and _is_about(question[: cut.start()])
            and _divides(cut, left, question[cut.end() :], language)
        ):
            clauses.append(left)
            begin = cut.end()
    clauses.append(question[begin:])
    whole = [_with_subject(*pair) for pair in zip(clauses, ["", *clauses], strict=False)]
    if scene := _SCENE.match(clauses[0]):
        whole[1:] = [each if find_mentions(each) else f"{scene.group()}{each}" for each in whole[1:]]
    return [_as_question(each) for each in whole]


def _with_subject(clause: str, before: str) -> str:
    """`Ông An mang quân hàm gì và giữ chức gì?`: who is spoken of is not said again."""
    person = next((m for m in find_mentions(before) if m.kind == "person"), None)
    goes_on = _GOES_ON.match(clause) and not any(m.kind == "person" for m in find_mentions(clause))
    begins = person and len(before[: person.start].split()) < 2
    return f"{person.name} {clause}" if person and begins and goes_on else clause


def _is_about(text: str) -> bool:
    """Whether a first clause tells what it is about, and does not leave that to a later one."""
    return bool(find_mentions(text)) or len(text.split()) >= LONG


def _divides(cut: re.Match[str], left: str, right: str, language: str) -> bool:
    """Whether two questions meet here: by a question mark, or by a joint behind which one asks anew."""
    if cut["stop"]:
        return _asks(right, language) or bool(_ELLIPSIS.match(right) and find_mentions(right))
    if not cut["joint"]:
        clause = right[: following.start()] if (following := _BREAK.search(right)) else right
        return bool(_OPENS_AFTER_COMMA[language].match(right)) and _asks(clause, language)
    if not _asks(right, language):
        return False
    if cut["joint"].lower() in _AGAINST or _OPENS[language].match(right):
        return True
    return language == "vi" and bool(cut["comma"] or _has_topic(left, right))


def _has_topic(left: str, right: str) -> bool:
    """Whether both clauses name what they are about, or the second goes on with the event of the first."""
    if _HAPPENS.match(right):
        return True
    return all(any(m.kind in _ABOUT for m in find_mentions(side)) for side in (left, right))


def _asks(text: str, language: str) -> bool:
    words = _ASKS[language].finditer(text)
    return bool(_REQUESTS.match(text)) or any(not _ANY.search(text[: word.start()]) for word in words)


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
    """Runs of at least two things of a kind with only a connector between them, the longest things first."""
    named = [_Item(m.kind, m.start, m.end) for m in find_mentions(question) if m.kind in _SPREAD]
    offices = [_Item(p.kind, p.start, p.end) for p in find_posts(question) if p.kind == "office"]
    asked = [_Item("asked", *match.span()) for match in _WHEN_WHERE.finditer(question)]
    rows = []
    for items in (
        _composed(question, sorted([*named, *offices], key=lambda i: i.start)),
        named,
        offices,
        asked,
    ):
        row = items[:1]
        for item in items[1:]:
            if _connected(question, row, item):
                row.append(item)
            else:
                rows.append(row)
                row = [item]
        rows.append(row)
    return [row for row in rows if len(row) > 1 and _is_row(question, row)]


def _composed(question: str, items: list[_Item]) -> list[_Item]:
    """Neighbours that only a preposition joins, as one thing: `Lê Văn An of Huế`, `Huế in 2022`."""
    return [
        _Item(f"{one.kind} {other.kind}", one.start, other.end)
        for one, other in pairwise(items)
        if one.end < other.start and _OF.fullmatch(question[one.end : other.start])
    ]


def _connected(question: str, row: list[_Item], item: _Item) -> bool:
    alike = item.kind == row[-1].kind or {item.kind, *(each.kind for each in row)} == {"place", "region"}
    return alike and bool(_CONNECTOR.fullmatch(question[row[-1].end : item.start]))


def _is_row(question: str, row: list[_Item]) -> bool:
    """`A và B`, `A, B và C`, or three with commas; a place and a region alone may do something together."""
    kinds = {item.kind for item in row}
    between = " ".join(question[one.end : other.start] for one, other in pairwise(row))
    return len(row) > 2 or (len(kinds) == 1 and bool(_JOINED.search(between)))
