"""A question that asks several things → questions that ask one each. Rules; pure text, no model.

`Ai chủ trì ở Hà Tĩnh, và ai ký ở Đắk Nông?` has two clauses that ask; what asks the same of several things is
for `rag.spread`. A question that cannot be taken apart surely is left whole: a part that asks something else
than was meant would be answered wrongly.
"""

from __future__ import annotations

import re

from rag.coreference import by_rules, needs_history, points_back
from rag.mentions import Mention, find_mentions, find_people
from rag.spread import ABOUT, spread, spread_asking
from rag.types import Answer, Turn
from rag.vietnamese import guess_language, nfc

MOST = 6
"""A question with more parts is left whole: it would take too long."""
LONG = 8
"""Words of a first clause that surely tells what it is about, though no name is recognised in it."""
FEW = 6
"""Most words of an elliptical part: `Còn ở Đắk Nông thì sao?`"""

_ASKING_VI = "ai|gì|nào|đâu|bao (?:nhiêu|giờ|lâu|xa)|mấy|(?:vì|tại|ra|làm|thì) sao|(?:như )?thế nào"
_ASKING_EN = "who|whom|whose|what|which|when|where|why|how"
_ASKS = {"vi": re.compile(rf"\b(?:{_ASKING_VI})\b", re.I), "en": re.compile(rf"\b(?:{_ASKING_EN})\b", re.I)}
_PREPOSITION = re.compile("(?:in|on|at|by|to|from|for|of|with|under)", re.I)
_OPENS = {
    "vi": re.compile(
        r"(?:do |vào |tại |ở |trong |của |với |từ )?(?:những )?"
        r"(?:ai|gì|đâu|bao nhiêu|bao giờ|bao lâu|mấy|vì sao|tại sao|như thế nào|(?:khi|lúc|nơi) nào|"
        r"(?:ngày|năm|tháng|giờ|tỉnh|người|nơi) nào)\b",
        re.I,
    ),
    "en": re.compile(rf"(?:{_PREPOSITION.pattern} )?(?P<word>{_ASKING_EN})\b", re.I),
}
"""How a clause begins that asks by itself."""
_BREAK = re.compile(
    r"(?P<stop>[?;])\s+|(?P<comma>,)?\s+"
    r"(?P<joint>và|còn(?! (?:lại|nữa|có)\b)|rồi|sau đó|đồng thời|trong khi|and|while|whereas|but|then)\s+|"
    r",\s+",
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
_GOES_ON = re.compile(
    r"(?:giữ|làm|là|mang|có|được|đã|đang|từng|sinh|mất|quê|nói|phát biểu|trao|ký|chủ trì|dự|đến|giao|diễn ra|"
    r"họp|bắt đầu|kết thúc|kéo dài|áp dụng|gồm|yêu cầu)\b",
    re.I,
)
"""A clause that begins so goes on with the subject of the one before."""
_SUBJECT = re.compile(
    r"(?P<subject>[^,?]+?)\s+(?:là|tên|do|diễn ra|họp|được|có|gồm|bắt đầu|kết thúc|kéo dài|áp dụng|mang|giữ|"
    r"làm|phát biểu|trao|ký|yêu cầu|trình bày)\b",
    re.I,
)
_SCENE = re.compile(r"(?:ở|tại|trong|theo|vào|at|in|during|according to)\s[^,?]+,\s", re.I)
"""`Ở hội nghị Hà Tĩnh, ai …`: holds for the clauses that follow too."""
_PLAIN_AY = re.compile(r"\b(ông|bà|anh|chị|người) ay\b", re.I)
_ITS = re.compile(r"\b(?:its|their)\b", re.I)


def parts(question: str) -> list[str]:
    """The questions that a question consists of, in order; itself alone when it asks one thing.

    A later part may still point at an earlier one (`and who signed it?`): see `standing_alone`.
    """
    question = _PLAIN_AY.sub(r"\1 ấy", nfc(question).strip())
    language = "en" if guess_language(question) == "en" else "vi"
    found: list[str] = []
    for each in spread_asking(question):
        groups = [
            spread(clause) if _asks(clause, language) else [clause] for clause in _clauses(each, language)
        ]
        for before, group in zip([[], *groups], groups, strict=False):
            found += _of_all(group[0], before) if len(group) == 1 and len(before) > 1 else group
    found = list(dict.fromkeys(map(_as_question, found)))
    return found if 1 < len(found) <= MOST else [question]


def standing_alone(part: str, before: Answer | None) -> str | None:
    """A part with what it points at put in from the part before it and its answer.

    None where it points at somebody whom the part before did not find.
    """
    if before is None or not (needs_history(part) or _ITS.search(part)):
        return part
    asked = before.standalone_question
    if points_back(part):
        found = before.status == "answered"
        told = "" if find_people(asked) or not found else before.short_answer or before.answer
        done = by_rules(part, [Turn(asked, told)])
        return done.text if done.sure or found else None
    where = next((m for m in find_mentions(asked) if m.kind in ("place", "region")), None)
    if where and (not find_mentions(part) or _ITS.search(part)) and not _ELLIPSIS.match(part):
        return _at(where, part)
    return by_rules(part, [Turn(asked, "")]).text


def turns_of(turns: list[Turn]) -> list[Turn]:
    """A conversation in which every part of a question is a turn of its own: the last one comes last."""
    taken: list[Turn] = []
    for turn in turns:
        several = parts(turn.question)
        taken += [*(Turn(part, turn.answer) for part in several[:-1]), Turn(several[-1], turn.answer)]
    return taken


def _clauses(question: str, language: str) -> list[str]:
    """Cut where what stands before asks, and what comes after asks by itself."""
    clauses: list[str] = []
    begin, joint = 0, ""
    for cut in _BREAK.finditer(question):
        left = question[begin : cut.start()]
        if not (_asks(left, language) or clauses) or not _is_about(question[: cut.start()]):
            continue
        right = question[cut.end() :]
        if _divides(cut, left, right, language) or _is_ellipsis(cut, right, language):
            clauses.append(f"{joint}{left}")
            begin = cut.end()
            elliptical = not _asks(_until_break(right), language) or "thì sao" in _until_break(right)
            joint = (
                {"vi": "Còn ", "en": "And "}[language] if elliptical and not _ELLIPSIS.match(right) else ""
            )
    clauses.append(f"{joint}{question[begin:]}")
    whole = [_with_subject(*pair, language) for pair in zip(clauses, ["", *clauses], strict=False)]
    if scene := _SCENE.match(clauses[0]):
        whole[1:] = [each if find_mentions(each) else f"{scene.group()}{each}" for each in whole[1:]]
    return [_as_question(each) for each in whole]


def _is_about(text: str) -> bool:
    """Whether a first clause tells what it is about, and does not leave that to a later one."""
    return bool(find_mentions(text)) or len(text.split()) >= LONG


def _divides(cut: re.Match[str], left: str, right: str, language: str) -> bool:
    """Whether two questions meet here: by a question mark, or by a joint behind which one asks anew."""
    clause = _until_break(right)
    if cut["stop"]:
        return _asks(right, language)
    if not cut["joint"]:
        both = _asks(clause, language) and _asks(left, language)
        return language == "vi" and both and bool(_OPENS["vi"].match(right) or _has_topic(left, clause))
    if not _asks(right, language):
        return False
    if language == "en":
        opens = _OPENS["en"].match(right)
        apart = opens and (cut["comma"] or not _is_embedded(opens["word"], left))
        return bool(apart or cut["joint"].lower() in _AGAINST)
    named = cut["comma"] or cut["joint"].lower() in _AGAINST or _has_topic(left, right)
    return bool(named or _OPENS["vi"].match(right) or points_back(clause))


def _is_ellipsis(cut: re.Match[str], right: str, language: str) -> bool:
    """`Ai là Chủ tịch Huế, còn Chủ tịch Vinh?`, `… họp ngày nào? Vinh thì sao?`"""
    clause = _until_break(right)
    if not (cut["stop"] or (cut["joint"] or "").lower() in _AGAINST) or not find_mentions(clause):
        return False
    bare = not _asks(clause, language) or bool(re.search(r"\bthì sao\b", clause))
    return bare and len(clause.split()) <= FEW


def _until_break(text: str) -> str:
    following = _BREAK.search(text)
    return text[: following.start()] if following else text


def _is_embedded(word: str, left: str) -> bool:
    """Whether a clause already holds a relative `who …` or an indirect `what …`, with which more goes on."""
    heads = (left[: match.start()].rstrip() for match in re.finditer(rf"\b{word}\b", left, re.I))
    return any(head and head[-1] not in ",:" and not _PREPOSITION.fullmatch(head) for head in heads)


def _has_topic(left: str, right: str) -> bool:
    """Whether both clauses name what they are about, or the second goes on with the subject of the first."""
    if _GOES_ON.match(right):
        return True
    return all(any(m.kind in ABOUT for m in find_mentions(side)) for side in (left, right))


def _with_subject(clause: str, before: str, language: str) -> str:
    """`Ông An mang quân hàm gì và giữ chức gì?`: what is spoken of is not said again."""
    if language != "vi" or not _GOES_ON.match(clause) or find_people(clause):
        return clause
    found = _SUBJECT.match(before)
    if not found or _asks(found["subject"], language) or not find_mentions(found["subject"]):
        return clause
    return f"{found['subject']} {clause}"


def _of_all(clause: str, before: list[str]) -> list[str]:
    """A clause that names nothing, behind one that asks of several places: of each of them."""
    shared = set.intersection(*({m.name for m in find_mentions(each)} for each in before))
    own = [
        next((m for m in find_mentions(each) if m.name not in shared and m.kind in ("place", "region")), None)
        for each in before
    ]
    if find_mentions(clause) or points_back(clause) or not all(own):
        return [clause]
    return [_at(where, clause) for where in own if where]


def _at(where: Mention, question: str) -> str:
    """The question with the place where, in front: `Ở Huế, ai trao cờ?`"""
    named = where.name
    if where.kind != "region":
        named = f"Ở {named}" if guess_language(question) != "en" else f"In {named}"
    elif guess_language(question) == "en":
        named = f"In {named}"
    return f"{named}, {question[:1].lower()}{question[1:]}"


def _asks(text: str, language: str) -> bool:
    words = _ASKS[language].finditer(text)
    return bool(_REQUESTS.match(text)) or any(not _ANY.search(text[: word.start()]) for word in words)


def _as_question(clause: str) -> str:
    clause = " ".join(clause.split()).strip(" ?;,.")
    return f"{clause[:1].upper()}{clause[1:]}?"
