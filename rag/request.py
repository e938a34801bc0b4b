"""A request → the question in it: `Cho tôi biết ai chủ trì?`, `List the units that …`. Pure text.

Retrieval and reader know questions. What politeness adds to one they take for something it asks about, and an
order to list something they half understand.
"""

from __future__ import annotations

import re

from rag.vietnamese import nfc

_HELLO = r"^\W*(?:(?:(?:xin )?chào|hi|hello|hey|dear)\b[^,.!?]{0,20}[,.!]\s*)?"
_WHOM = r"(?:bạn|anh|chị|em|ad|bot|trợ lý)(?: ơi)?,? "
_PLEASE = r"(?:có thể|vui lòng|làm ơn|hãy|xin|giúp|nhờ|nhờ bạn)"
_ME = r"(?:tôi|mình|em|tớ|tui|chúng tôi|anh|chị)"
_TELL_VI = re.compile(
    rf"{_HELLO}(?:"
    rf"(?:{_WHOM})?(?:{_PLEASE} )*(?:nói |chỉ |trả lời |giúp )?cho {_ME}(?: xin)? (?:biết|hỏi|xem)|"
    rf"(?:{_WHOM})?(?:{_PLEASE} )+(?:cho )?(?:biết|hỏi)|"
    rf"(?:{_WHOM})?(?:{_PLEASE} )*nói (?:cho {_ME} )?biết|"
    r"cho (?:biết|hỏi)|"
    r"(?:tôi|mình|em|tớ|tui) (?:đang )?(?:muốn|cần) (?:được )?(?:biết|hỏi|tìm hiểu|tìm|tra cứu)"
    r")\b(?: (?:là|rằng))*[\s,:]+",
    re.I,
)
_LIST_VI = re.compile(
    rf"{_HELLO}(?:{_WHOM})?(?:{_PLEASE} )*(?:cho {_ME} )?"
    rf"(?:kể(?= (?:giúp|cho|ra|tên|rõ|lại)\b)|liệt kê|nêu|chỉ ra|đưa ra)(?: (?:giúp|cho))?(?: {_ME})?"
    r"(?: (?:ra|tên|rõ|lại|đầy đủ))*[\s,:]+(?=(?:\w+ ){2})",
    re.I,
)
_PARTICLES_VI = re.compile(
    rf"(?:[\s,]+(?:(?:có )?được (?:không|chứ)|hay không|ạ|nhé|nhỉ|vậy|hả|với|giúp {_ME}|"
    r"(?:bạn|ad|bot)(?: ơi)?|cảm ơn(?: bạn)?))+\s*[?.!]*$",
    re.I,
)
_WHETHER_VI = re.compile(r"\bcó thể\b", re.I)
_ASKS_VI = re.compile(
    r"\b(?:ai|gì|nào|đâu|bao nhiêu|bao giờ|bao lâu|mấy|sao|thế nào|có .*(?:không|chưa)|lý do|nguyên nhân)\b",
    re.I,
)
_OPEN_VI = re.compile(
    r"(?:thêm|về|thông tin|chi tiết|tóm tắt|tổng quan|diễn biến|(?:những )?(?:nội dung|ý|điểm) chính|"
    r"câu chuyện)\b",
    re.I,
)
"""Whoever says so wants to be told about something, not one thing."""
_HEADS_VI = tuple(
    (
        re.compile(
            rf"(?:(?:họ tên|tên|của|các|những|một số|tất cả|hai|ba|bốn|năm|\d+) )*(?:{heads})\b", re.I
        ),
        asks,
    )
    for heads, asks in (
        (
            r"đồng chí|ông|bà|người|vị|cán bộ|đại biểu|lãnh đạo|nhân vật|thành viên|khách mời|chủ tịch|phó|"
            r"bí thư|giám đốc|tư lệnh|chính ủy|chỉ huy trưởng|tướng|(?:đại|thượng|trung|thiếu) (?:tá|tướng)|"
            r"chủ tọa",
            "là ai",
        ),
        (r"số|dân số|diện tích|tổng|tỷ lệ|tỉ lệ|giá|chiều|độ", "là bao nhiêu"),
        (r"ngày|thời gian|thời điểm|giờ", "là khi nào"),
        (r"địa điểm|nơi", "là ở đâu"),
        (r"", "là gì"),
    )
)

_TELL_EN = re.compile(
    rf"{_HELLO}(?:(?:please|kindly|can you|could you|would you|will you|can i|could i|may i)(?: please)?,? )*"
    r"(?:(?:tell|inform|remind) (?:me|us)|let me know|do you know|find out|ask(?: you)?|i wonder|"
    r"i(?:['’]d| would)? (?:like|want|need) to (?:know|find out|ask)|(?:give|show) me)\b"
    r"(?:,? please)?[\s,:]+",
    re.I,
)
_LIST_EN = re.compile(
    rf"{_HELLO}(?:(?:please|kindly|can you|could you|would you|will you)(?: please)?,? )*"
    r"(?:(?:list|enumerate)(?: out)?|(?:name|mention|identify|specify|state|give|give me|show me|tell me)"
    r"(?= (?:all|the|every|each|some|any|two|three|four|five|six|\d+)\b))\s+(?:all (?:of )?)?",
    re.I,
)
_WANTED_EN = re.compile(r"\b(?:list|enumerate|name|mention|identify|specify|state|me|us|to know)\b", re.I)
"""`Do you know Huế?` wants nothing named."""
_PARTICLES_EN = re.compile(r"(?:[\s,]+(?:please|thanks|thank you))+\s*[?.!]*$", re.I)
_ASKS_EN = re.compile(
    r"(?:(?:on|in|at|to|from|by|for|of|with) )?(?:who|whom|whose|what|which|when|where|why|how)\b", re.I
)
_OPEN_EN = re.compile(
    r"(?:more|about|everything|something|anything|if|whether|the (?:main|key)|"
    r"(?:an?|the|some) (?:\w+ )?(?:summary|overview|story|details?|information|idea)|details|information|"
    r"that)\b",
    re.I,
)
_PEOPLE_EN = re.compile(
    r"(?:\w+ ){0,3}(?:people|persons?|man|men|woman|women|officers?|officials?|leaders?|chairs?|chairm[ae]n|"
    r"participants?|attendees|delegates?|commanders?|speakers?|guests?|colonels?|generals?|secretar(?:y|ies)|"
    r"directors?|members|winners?)\b",
    re.I,
)
_MANY_EN = re.compile(
    r"(?:(?!of|in|on|at|for|from|by|with|that|which|who)\w+ ){0,3}?(?:people|men|women|\w{2,}[^\Wsu]s)\b",
    re.I,
)


def as_question(text: str) -> str:
    """The question in a request, without words of politeness; a text that is no such request as it is.

    An order to tell something is put as a question for it: `Kể tên các đơn vị …` asks what these units are.
    """
    text = nfc(text).strip()
    asked = _vietnamese(text) or _english(text)
    return f"{asked[:1].upper()}{asked[1:].rstrip(' ?.!,')}?" if asked else text


def _vietnamese(text: str) -> str:
    """The question, or nothing where there is no request."""
    if listed := _LIST_VI.match(text):
        rest = _PARTICLES_VI.sub("", text[listed.end() :])
        return "" if _OPEN_VI.match(rest) else _asking_vi(rest)
    told = _TELL_VI.match(text)
    rest = _PARTICLES_VI.sub("", text[told.end() :] if told else text)
    if told and _WHETHER_VI.search(told.group()):
        rest = re.sub(r"\s+không\W*$", "", rest)
    if not told:
        return rest if rest != text and _ASKS_VI.search(rest) else ""
    return "" if _OPEN_VI.match(rest) or not rest else _asking_vi(rest)


def _asking_vi(rest: str) -> str:
    rest = rest.rstrip(" ?.!,")
    if _ASKS_VI.search(rest):
        return rest
    return f"{rest} {next(asks for heads, asks in _HEADS_VI if heads.match(rest))}"


def _english(text: str) -> str:
    """The question, or nothing where there is no request."""
    listed, told = _LIST_EN.match(text), _TELL_EN.match(text)
    found = listed or told
    if not found:
        return ""
    rest = _PARTICLES_EN.sub("", text[found.end() :]).rstrip(" ?.!,")
    if _ASKS_EN.match(rest):
        return rest
    noun = re.sub(r"^(?:the )?(?:(?:full )?names? of )?(?:the )?", "", rest, flags=re.I)
    if _OPEN_EN.match(rest) or len(noun.split()) < 2 or not _WANTED_EN.search(found.group()):
        return ""
    asks = "Who" if _PEOPLE_EN.match(noun) else "What"
    return f"{asks} {'are' if _MANY_EN.match(noun) else 'is'} the {noun}"
