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
    r"ai|gì|nào|đâu|bao nhiêu|bao giờ|bao lâu|bao xa|mấy|vì sao|tại sao|như thế nào|thế nào|ra sao|làm sao"
)
_ASKING_EN = r"who|whom|whose|what|which|when|where|why|how"
_ASKS = {"vi": re.compile(rf"\b(?:{_ASKING_VI})\b", re.I), "en": re.compile(rf"\b(?:{_ASKING_EN})\b", re.I)}
_OPENS = {
    "vi": re.compile(
        r"(?:do |vào |tại |ở |trong |của |với |từ )?(?:những )?(?:ai|gì|đâu|bao nhiêu|bao giờ|bao lâu|mấy|vì sao|"
        r"tại sao|như thế nào|khi nào|lúc nào|nơi nào|(?:ngày|năm|tháng|giờ|tỉnh|người|nơi) nào)\b",
        re.I,
    ),
    "en": re.compile(rf"(?:(?:in|on|at|by|to|from|for|of|with|under) )?(?:{_ASKING_EN})\b", re.I),
}
"""How a clause begins that asks by itself."""
_OPENS_BARE = {"vi": _OPENS["vi"], "en": re.compile(r"(?:who|when|where|why|how)\b", re.I)}
"""The same behind a mere comma, where `which` goes on with what was said."""
_BREAK = re.compile(
    r"\?\s+|;\s+|,?\s+(?P<joint>và|còn|đồng thời|and|while|whereas|but)\s+|,\s+", re.I
)
_ANY = re.compile(r"\b(?:không|chẳng|chưa|bất kỳ|bất kì|bất cứ|dù|no matter)\s+$", re.I)
"""`không ai`, `bất kỳ nơi nào`: these do not ask."""
_PREPOSITION = (
    r"(?:(?:của|ở|tại|tỉnh|thành phố|huyện|xã|ông|bà|đồng chí|trong|năm|về|với|in|of|at|for|by|the|from)\s+)*"
)
_CONNECTOR = re.compile(rf"\s*(?:,\s*(?:và|and)?|\b(?:và|cùng|and|as well as|cũng như))\s+{_PREPOSITION}", re.I)
_BETWEEN = re.compile(r"\b(?:giữa|between|among|from|từ|liên tịch|hơn|than|versus|so với)\b", re.I)
"""What is told of several together cannot be asked of each."""
_TOGETHER = re.compile(r"\b(?:giữa|từ|hơn|so với)\b", re.I)
_PLURAL = re.compile(r"\bnhững (?=ai\b|gì\b|ngày\b|năm\b|tháng\b|giai đoạn\b|người\b|nơi\b|đâu\b|chức\b)|\s*\b(?:lần lượt|tương ứng|respectively)\b,?", re.I)
_TIME_WORDS = re.compile(r"\b(?:when|where|why)\b|\b(?:khi nào|lúc nào|ở đâu|tại đâu|ngày nào|năm nào)\b", re.I)
_HAPPENS = re.compile(r"(?:diễn ra|họp|được tổ chức|bắt đầu|kết thúc|kéo dài)\b", re.I)
_SUBJECTS = re.compile(
    r"(?P<first>.+?)\s+và\s+(?P<second>.+?)\s+(?:(?:cùng|đều|cùng nhau)\s+)?"
    r"(?P<rest>(?:là|thuộc|diễn ra|họp|được|do|có|bắt đầu|kết thúc|kéo dài|áp dụng|nằm|lần lượt)\s.+)",
    re.I,
)
"""`A của X và B của Y là ai`: two things of which the same is asked."""
_ABOUT = ("place", "region", "person")
_SPREAD = ("place", "region", "person", "time")


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
        left, right = question[begin : cut.start()], question[cut.end() :]
        rest = _BREAK.split(right)[0] if cut["joint"] is None else right
        strong = cut["joint"] is None and cut.group()[0] in "?;"
        comma = cut.group()[0] == ","
        opens = (_OPENS[language] if cut["joint"] or strong else _OPENS_BARE[language]).match(right)
        asks = _asks(right, language) if strong or (comma and cut["joint"]) else _asks(rest, language)
        if not (asks and _asks(left, language)):
            continue
        if not find_mentions(question[: cut.start()]):
            continue  # what the first part is about is only told later
        if strong or opens or (language == "vi" and cut["joint"] and (comma or _has_topic(left, right))):
            clauses.append(_as_question(left))
            begin = cut.end()
    return [*clauses, _as_question(question[begin:])]


def _has_topic(left: str, right: str) -> bool:
    """Whether each of two clauses names what it is about, or the second goes on with the event of the first."""
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
    for items in _rows(question):
        first, last = items[0], items[-1]
        if _BETWEEN.search(question[: first.end]):
            continue
        single = [
            f"{question[: first.start]}{question[each.start : each.end]}{question[last.end :]}" for each in items
        ]
        return [_singular(each) for each in single]
    return _of_subjects(question) if language == "vi" else [question]


def _of_subjects(question: str) -> list[str]:
    """`A của X và B của Y họp ngày nào` → the same question of each, if each names a place or a person."""
    found = _SUBJECTS.match(question)
    if not found or _TOGETHER.search(found["first"]) or _asks(found["first"] + found["second"], "vi"):
        return [question]
    first, second = found["first"], found["second"]
    about = [[m for m in find_mentions(each) if m.kind in _ABOUT] for each in (first, second)]
    ends = any(m.end == len(first) for m in find_mentions(first))
    # `Quân khu 4 và tỉnh Hà Tĩnh họp ngày nào`: one meeting of both.
    headed = about[1] and len(second[: about[1][0].start].split()) > 1
    return [_singular(f"{each} {found['rest']}") for each in (first, second)] if ends and about[0] and headed else [question]


def _singular(question: str) -> str:
    """Without the words that tell that several things are asked for."""
    return _as_question(" ".join(_PLURAL.sub(" ", question).split()))


def _rows(question: str) -> list[list[_Item]]:
    """Runs of at least two things of a kind with only a connector between them."""
    items = [_Item(m.kind, m.start, m.end) for m in find_mentions(question) if m.kind in _SPREAD]
    posts = [_Item(p.kind, p.start, p.end) for p in find_posts(question) if p.kind == "office"]
    asked = [_Item("asked", *m.span()) for m in _TIME_WORDS.finditer(question)]
    rows = []
    for row in (items, posts, asked):
        run = row[:1]
        for item in row[1:]:
            between = question[run[-1].end : item.start]
            if item.kind == run[-1].kind and _CONNECTOR.fullmatch(between) and _joined(question, run, item):
                run.append(item)
                continue
            rows.append(run)
            run = [item]
        rows.append(run)
    return [run for run in rows if len(run) > 1]


def _joined(question: str, run: list[_Item], item: _Item) -> bool:
    """Whether a comma before the item belongs to a row that ends in `và`: `A, B và C`."""
    between = question[run[-1].end : item.start]
    if re.search(r"\b(?:và|and|cùng|cũng như|as well as)\b", between, re.I):
        return True
    return bool(re.match(r"[^?.;]{0,60}?\b(?:và|and)\b", question[item.end :], re.I))
