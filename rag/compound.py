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
FRONT = 8
"""A place within so many characters of the beginning opens a question: `Ở Huế …`, `Tỉnh Huế …`."""
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
    r"làm|phát biểu|trao|ký|yêu cầu|trình bày|sinh|mất|quê|xảy ra|khánh thành|thành lập|ra đời|tổ chức|kể)\b"
)
"""What a clause is about; with a capital these words are names: `Nguyễn Văn Được`."""
_SCENE = re.compile(r"(?:ở|tại|trong|theo|vào|at|in|during|according to)\s[^,?]+,\s", re.I)
"""`Ở hội nghị Hà Tĩnh, ai …`: holds for the clauses that follow too."""
_ENDS_ASKING = re.compile(
    r"\b(?:ai|gì|đâu|bao nhiêu(?: \w+)?|bao giờ|bao lâu|(?:ngày|năm|tháng|giờ|lúc|khi|thế|nơi) nào|mấy giờ|"
    r"(?:vì|tại) sao)$",
    re.I,
)
_ASKS_NEW = re.compile(r"(?:ai|bao nhiêu|\w+ nào)\b(?!.*\b(?:ở|tại|trong|của|về)\s)", re.I)
_ASKS_ONLY = re.compile(r"\W*(?:vì sao|tại sao|ở đâu|khi nào|lúc nào|why|when|where|how|by \w+)\W*", re.I)
_UNDER = re.compile(r"(?:dù|bất kể|bất kỳ|trước khi|sau khi|khi(?! nào)|nếu|không|người (?:mà|từng))\b", re.I)
"""A clause that begins so asks nothing by itself."""
_INDIRECT = re.compile(
    r"(?:what|when|where|why|how) "
    r"(?:to|it|he|she|they|we|i|you|the|an?|his|her|their|its|these|that|those|this)\b",
    re.I,
)
"""`… how it spread and where it came from`: no verb behind the asking word, so nothing is asked anew."""
_AUXILIARY = r"(?:is|was|are|were|did|does|do|has|have|had|will|can|could|should)\b"
_INVERTED = re.compile(rf"(?:what|when|where|why|how(?: \w+)?) {_AUXILIARY}", re.I)
"""No relative clause begins so."""
_WHENEVER = re.compile(rf"(?:when|where|while|if|as|after|before)\s+(?!and\b|{_AUXILIARY})", re.I)
"""`When many people are arrested, what is …?`: no question, but a circumstance."""
_EMPTY = frozenset(
    """ai gì nào đâu bao nhiêu giờ lâu mấy vì tại sao thế như khi ngày năm là có đã do vào ở và cho tôi biết
    who what when where why how is was are were did does do has the a an it of in tell me""".split()
)
_LATER = re.compile(r"\b(?:ở|tại|trong|của|về|at|in|of|for|to)\s+(?!đâu|which|what|đó|it\b)\w", re.I)
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
    bare = not find_mentions(part) or _ITS.search(part)
    if where and bare and not (_ELLIPSIS.match(part) or _ASKS_ONLY.fullmatch(part)):
        opens = any(opening.match(asked) for opening in _OPENS.values()) or where.start < FRONT
        # `Vụ cháy ở Hà Nội xảy ra khi nào?`: the fire is spoken of, not the city.
        return _at(where, part) if opens else f"{asked[: where.end]}: {part[:1].lower()}{part[1:]}"
    return by_rules(part, [Turn(asked, "")]).text


def turns_of(turns: list[Turn]) -> list[Turn]:
    """A conversation in which every part of a question is a turn of its own: the last one comes last."""
    turned = []
    for turn in turns:
        asked = parts(turn.standalone or turn.question)
        turned += [turn] if len(asked) == 1 else [Turn(part, turn.answer, turn.short) for part in asked]
    return turned


def _clauses(question: str, language: str) -> list[str]:
    """Cut where what stands before asks, and what comes after asks by itself."""
    clauses: list[str] = []
    begin, joint = 0, ""
    for cut in _BREAK.finditer(question):
        left, right = question[begin : cut.start()], question[cut.end() :]
        if not (_asks(left, language) or clauses) or not _is_about(question[: cut.start()], right):
            continue
        if _divides(cut, left, right, language) or _is_ellipsis(cut, right, language):
            clauses.append(f"{joint}{left}")
            begin = cut.end()
            elliptical = _is_ellipsis(cut, right, language) and not _ELLIPSIS.match(right)
            joint = {"vi": "Còn ", "en": "And "}[language] if elliptical else ""
    clauses.append(f"{joint}{question[begin:]}")
    whole = [_with_subject(*pair, language) for pair in zip(clauses, ["", *clauses], strict=False)]
    if scene := _SCENE.match(clauses[0]):
        whole[1:] = [each if find_mentions(each) else f"{scene.group()}{each}" for each in whole[1:]]
    return [_as_question(each) for each in whole]


def _is_about(text: str, right: str) -> bool:
    """Whether a first clause tells what it is about, and does not leave that to a later one."""
    if find_mentions(text) or len(text.split()) >= LONG:
        return True
    told = [word for word in re.findall(r"\w+", text.lower()) if word not in _EMPTY]
    later = find_mentions(right) or _LATER.search(right)
    ends = _ENDS_ASKING.search(text.strip()) and _ENDS_ASKING.search(_until_break(right).strip(" ?."))
    return (len(told) > 1 and not later) or bool(told and ends and not _OPENS["vi"].match(text))


def _divides(cut: re.Match[str], left: str, right: str, language: str) -> bool:
    """Whether two questions meet here: by a question mark, or by a joint behind which one asks anew."""
    clause = _until_break(right)
    if cut["stop"]:
        return _asks(right, language)
    if language == "en" and (_INDIRECT.match(right) or _WHENEVER.match(left)):
        return False
    if language == "en" and not cut["joint"]:
        return bool(_INVERTED.match(right)) and _asks(left, language)
    if language == "vi" and _ENDS_ASKING.search(left.strip()) and not _UNDER.match(left):
        anew = _ENDS_ASKING.search(clause.strip(" ?.")) or _ASKS_NEW.match(clause)
        if anew:
            return True
    if not cut["joint"]:
        both = _asks(clause, language) and _asks(left, language)
        return both and bool(_OPENS["vi"].match(right) or _has_topic(left, clause))
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
    if not (cut["stop"] or (cut["joint"] or "").lower() == "còn") or not find_mentions(clause):
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
