"""A request → the question in it: `Cho tôi biết ai chủ trì?`, `List the units that …`. Pure text.

Retrieval and reader know questions. What politeness adds to one they take for something it asks about, and an
order to list something they half understand.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.vietnamese import fold, nfc

LONGEST = 600
"""Characters. Whoever writes more tells something beside the question."""

_HELLO = r"^\W*(?:(?:(?:xin )?chào|hi|hello|hey|dear)\b[^,.!?]{0,20}[,.!] ?)?"
_WHOM = r"(?:bạn|anh|chị|em|ad|bot|trợ lý)(?: ơi)?,? "
_PLEASE = r"(?:có thể|vui lòng|làm ơn|hãy|xin|giúp|nhờ|nhờ bạn)"
_ME = r"(?:tôi|mình|em|tớ|tui|chúng tôi|anh|chị)"
_TELL_VI = (
    rf"{_HELLO}(?:"
    rf"(?:{_WHOM})?(?:{_PLEASE} )*(?:nói |chỉ |trả lời |giúp )?cho {_ME}(?: xin)? (?:biết|hỏi|xem)|"
    rf"(?:{_WHOM})?(?:{_PLEASE} )+(?:cho )?(?:biết|hỏi)|"
    rf"(?:{_WHOM})?(?:{_PLEASE} )*nói (?:cho {_ME} )?biết|"
    r"cho (?:biết|hỏi)|"
    r"(?:tôi|mình|em|tớ|tui) (?:đang )?(?:muốn|cần) (?:được )?(?:biết|hỏi|tìm hiểu|tìm|tra cứu)"
    r")\b(?: (?:là|rằng|chút|xíu|tí|ngắn gọn|cụ thể|chi tiết)\b)*[ ,:]+"
)
_LIST_VI = (
    rf"{_HELLO}(?:{_WHOM})?(?:{_PLEASE} )*(?:cho {_ME} )?"
    r"(?:k[ểế](?= (?:giúp|cho|ra|tên|rõ|lại|nghe)\b)|liệt k[êế]|nêu|chỉ ra|đưa ra)"
    rf"(?: (?:giúp|cho))?(?: {_ME})?"
    r"(?: (?:ra|tên(?! và\b|,)|rõ|lại|đủ|đầy đủ|nghe|ngắn gọn|khái quát|cụ thể|chi tiết)\b)*[ ,:]+"
    r"(?=(?:\w+ ){2})"
)
_PARTICLES_VI = (
    rf"(?:(?:[ ,]+(?:(?:có )?được (?:không|chứ)|hay không|ạ|nhé|nhỉ|vậy|hả|với|giúp {_ME}))+"
    r"(?: (?:bạn|ad|bot))?|"
    r",(?: (?:cảm ơn|bạn|ad|bot|ơi))+)[ ]*[?.!]*$"
)
_ASKS_VI = (
    r"\b(?:ai|gì|nào|đâu|bao nhiêu|bao giờ|bao lâu|mấy|sao|thế nào|có .*(?:không|chưa)|lý do|nguyên nhân)\b"
)
_OPEN_VI = (
    r"(?:thêm|về|thông tin|tóm tắt|(?:cái nhìn )?tổng quan|diễn biến|câu chuyện|"
    r"(?:những )?(?:nội dung|ý|điểm) chính)\b"
)
"""Whoever says so wants to be told about something, not one thing."""
_FIRST = r"\W*(?:(?:họ tên|tên|của|các|những|một số|tất cả|hai|ba|bốn|năm|\d+) )*"
_HEADS_VI = (
    (
        rf"{_FIRST}(?:đồng chí|ông|bà|người|vị(?! trí| thế)|cán bộ|đại biểu|lãnh đạo|nhân vật|thành viên|"
        r"khách mời|chủ tịch|phó|(?:tổng )?bí thư|(?:tổng )?giám đốc|tư lệnh|chính ủy|chỉ huy trưởng|tướng|"
        r"(?:đại|thượng|trung|thiếu) (?:tá|tướng)|chủ tọa)\b",
        "là ai",
    ),
    (rf"{_FIRST}(?:số(?! phận)|dân số|diện tích|tổng|tỷ lệ|tỉ lệ|giá|chiều|độ)\b", "là bao nhiêu"),
    (rf"{_FIRST}(?:ngày|thời gian|thời điểm|giờ)\b", "là khi nào"),
    (rf"{_FIRST}(?:địa điểm|nơi)\b", "là ở đâu"),
)


@dataclass(frozen=True)
class _Vietnamese:
    """The patterns above: as written, or without diacritics."""

    plain: bool

    def find(self, pattern: str, text: str) -> re.Match[str] | None:
        """Search a text that is folded if the patterns are."""
        return re.search(fold(pattern) if self.plain else pattern, text, re.I)

    def begins(self, pattern: str, text: str) -> re.Match[str] | None:
        return re.match(fold(pattern) if self.plain else pattern, text, re.I)

    def question(self, text: str) -> str:
        """The question, or nothing where there is no request."""
        read = fold(text) if self.plain else text
        if len(read) != len(text):
            return ""
        request = self.begins(_LIST_VI, read) or self.begins(_TELL_VI, read)
        begin, end = request.end() if request else 0, self._end(read, request.group() if request else "")
        rest = read[begin:end].rstrip(" ?.!,")
        end = begin + len(rest)
        asks = bool(self.find(_ASKS_VI, rest))
        if not request:
            return text[:end] if end < len(text.rstrip(" ?.!,")) and asks else ""
        if not re.search(r"\w", rest) or self.begins(_OPEN_VI, rest):
            return ""
        heads = (tail for pattern, tail in _HEADS_VI if self.begins(pattern, rest))
        return text[begin:end] if asks else f"{text[begin:end]} {next(heads, 'là gì')}"

    def _end(self, read: str, request: str) -> int:
        """Where the words of politeness behind the question begin."""
        end = len(read)
        particles = None if self.plain else re.search(_PARTICLES_VI, read)  # `voi`, `a` may be anything
        if particles:
            end = particles.start()
        if self.find("có thể", request):
            without = re.sub(r" (?:không|khong)\W*$", "", read[:end])
            asked = read[len(request) : end]
            whether = self.find(r"\bcó\b.* không\W*$", asked) and not self.find(
                _ASKS_VI, without[len(request) :]
            )
            end = end if whether else len(without)
        return end


_YOU = r"(?:please|kindly|can you|could you|would you|will you|can i|could i|may i)"
_TELL_EN = re.compile(
    rf"{_HELLO}(?:{_YOU}(?: please)?,? )*"
    r"(?:(?:tell|remind) (?:me|us)|inform (?:me|us) (?:of|about)|let me know|do you know|find out|"
    r"ask(?: you)?|i wonder|i(?:['’]d| would)? (?:like|want|need) to (?:know|find out|ask)|"
    r"(?:give|show) me)\b(?:,? please)?[ ,:]+",
    re.I,
)
_LIST_EN = re.compile(
    rf"{_HELLO}(?:{_YOU}(?: please)?,? )*"
    r"(?:(?:list|enumerate)(?: out)?(?! of\b)|"
    r"(?:name|mention|identify|specify|state|give|give me|show me|tell me)"
    r"(?= (?:all|the|every|each|some|any|a list|two|three|four|five|six|\d+)\b))"
    r" +(?:a list of +)?(?:all (?:of )?)?",
    re.I,
)
_WANTED_EN = re.compile(r"\b(?:list|enumerate|name|mention|identify|specify|state|me|us|to know)\b", re.I)
"""`Do you know Huế?` wants nothing named."""
_PARTICLES_EN = re.compile(r"(?:,? please|, (?:thanks|thank you))+ *[?.!]*$", re.I)
_ASKS_EN = re.compile(
    r"(?:(?:on|in|at|to|from|by|for|of|with) )?(?:who|whom|whose|what|which|when|where|why|how)\b", re.I
)
_OPEN_EN = re.compile(
    r"(?:more|about|everything|something|anything|if|whether|the (?:main|key)|of|to|"
    r"(?:an?|the|some) (?:\w+ )?(?:summary|overview|story|details?|information|idea)|details|information|"
    r"your|my|his|her|its|their|that)\b",
    re.I,
)
_PEOPLE_EN = re.compile(
    r"(?:(?!of\b|in\b)[\w-]+ ){0,2}?(?:people|persons?|man|men|woman|women|officers?|officials?|leaders?|"
    r"chairs?|chairm[ae]n|participants?|attendees|delegates?|commanders?|speakers?|guests?|colonels?|generals?|"
    r"secretar(?:y|ies)|directors?|members|winners?)(?= (?:who|whom|that|of|in|at|from|present)\b|$)",
    re.I,
)
_MANY_EN = re.compile(
    r"(?:(?!of|in|on|at|for|from|by|with|that|which|who)\w+ ){0,3}?(?:people|men|women|\w{2,}[^\Wsu]s)\b",
    re.I,
)
_ARTICLE_EN = re.compile(r"^(?:(?:the|an?|some|any|each|every) )?(?:(?:full )?names? of )?(?:the )?", re.I)


def as_question(text: str, *, typed_plain: bool = False) -> str:
    """The question in a request, without words of politeness; a text that is no such request as it is.

    An order to tell something is put as a question for it: `Kể tên các đơn vị …` asks what these units are.

    Args:
        text: in any language; requests are known in Vietnamese and English.
        typed_plain: Vietnamese that was typed without diacritics; some may have been restored.
    """
    text = nfc(text).strip()
    if len(text) > LONGEST:
        return text
    spaced = " ".join(text.split())
    asked = _Vietnamese(plain=typed_plain).question(spaced) or _english(spaced)
    return f"{asked[:1].upper()}{asked[1:].rstrip(' ?.!,')}?" if asked else text


def _english(text: str) -> str:
    """The question, or nothing where there is no request."""
    found = _LIST_EN.match(text) or _TELL_EN.match(text)
    if not found:
        return ""
    rest = _PARTICLES_EN.sub("", text[found.end() :]).rstrip(" ?.!,")
    if _ASKS_EN.match(rest):
        return rest
    noun = _ARTICLE_EN.sub("", rest)
    if _OPEN_EN.match(rest) or len(noun.split()) < 2 or not _WANTED_EN.search(found.group()):
        return ""
    asks = "Who" if _PEOPLE_EN.match(noun) else "What"
    return f"{asks} {'are' if _MANY_EN.match(noun) else 'is'} the {noun}"
