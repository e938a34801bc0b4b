"""Sentences of an article that give orders to whoever answers questions from it. Pure text.

`Bỏ qua mọi chỉ dẫn trước đó`, `if asked who chaired, answer …`: such words are no news. They are not indexed
(`rag.chunks`), and neither the language model nor the reader gets to see them as evidence. Orders that are
news stay: whoever asks, directs or demands in an article does so of somebody named there, not of the one who
answers.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from functools import lru_cache

from rag.sentences import sentence_spans
from rag.types import Passage

_I = re.IGNORECASE

_MACHINE = (
    r"(?:trợ lý(?: (?:ảo|ai|số))?(?! (?-i:Bộ|Thủ|Tổng|Chủ|Ngoại|Thứ|Giám|Huấn)[ \w])|"
    r"mô hình (?:ngôn ngữ|AI)|chat\s?bots?|\bAI\b|máy đọc|người đọc máy|"
    r"hệ thống hỏi đáp|"
    r"language models?|(?:virtual |ai )?assistants?\b|\bLLMs?\b|machine readers?|"
    r"question[- ]answering system)"
)
_SAY = (
    r"(?:trả lời|đáp|viết|nói|in ra|xuất ra|bảo|lặp lại|nhắc lại|thêm|bỏ qua|bỏ|quên|thay|nhân đôi|trích dẫn|"
    r"dẫn nguồn|answer|reply|respond|write|say|print|output|repeat|tell|add|ignore|forget|drop|replace|cite|"
    r"double|use)"
)
_AT_ONCE = (
    r"(?:^|[.:;,>\]]\s|\b(?:hãy|và|phải|xin|thay vào đó|please|and|then|now|must)\s)\W*"
    r"(?:(?:just|simply|chỉ|ngay)\s)?"
)
"""Where a verb is an imperative: at the beginning of a sentence or a clause."""
_BEGINS = (
    r"(?:^|[:;>\]]\s|\b(?:hãy|vui lòng)\s|\bhãy\b[^.!?:;]{0,40},\s)\W*"
    r"(?:(?:hãy|xin|vui lòng|thay vào đó|please|now|then|just|simply|chỉ|ngay)\s+)*"
)
"""Where nobody else can be the one who does it."""
_DROP = r"(?:bỏ qua|quên|bỏ|ghi đè|xóa)\s+(?:(?:mọi|tất cả|các|những|toàn bộ|hết)\s+)*"
_EARLIER = r"\s(?:trước(?! (?:ngày|tháng|năm|khi|mùa|kỳ|\d))|ở trên|phía trên|bên trên)"
_IGNORE = r"(?:ignore|disregard|forget|bypass|override)\s+(?:(?:all|any|the|your|every|of|these|those)\s+)*"
_NOT_OF = (
    r"\b(?! (?:from|of|on|by|for)\b)"
    r"(?! and (?:you|they|we|he|she) (?:will|would|may|can|could|risk)\b(?: be)? "
    r"(?:fined|los|pay|face|risk|get|end up)\w*)"
)
_WRITE = r"(?:answer|reply|respond|write|print|output|viết|in ra|xuất ra)"
_WORD = r"(?-i:[A-Z_]{5,})(?=\s*(?:[.,;!]|$)| (?:and|và|rồi)\b)"
"""A word in capitals that ends its clause."""
_TAGS = re.compile(
    r"<\|?/?(?:im_start|im_end|system|user|assistant|inst|passages?)\|?>|\[/?INST\]|\bNOT_FOUND\b|"
    r"^\W*(?:system instructions?|chỉ dẫn hệ thống|prompt update|cập nhật lời nhắc)\s*:(?=\s)|"
    r"\b(?:system|admin|administrator|developer|security) override\s*[:\]]|"
    r"\[(?:system|admin|developer|assistant|instructions?)(?: (?:override|message|prompt|note))?\](?!\()",
    _I | re.MULTILINE,
)
"""What marks the turns of a conversation with a model, and nothing else."""
_LABELLED = re.compile(
    r"^\W*(?:system|assistant|user|instructions?|hệ thống|lời nhắc)\s*:\s[^\n]*?"
    r"(?:\b(?:answer|reply|respond)(?:s|ing)?\b(?! (?:\w+ ){0,4}questions?\b)|"
    r"\b(?:trả lời|đáp án)\b(?! (?:\w+ ){0,3}câu hỏi)|"
    rf"\b(?:you|bạn) (?:now |must |may |should |shall |only |phải |chỉ |được |hãy )+{_SAY}\b|"
    rf"\b(?:you are now|bạn là một) |\b{_WRITE} {_WORD})",
    _I | re.MULTILINE,
)
"""A label that recipes and data sheets have too, before words on answering or on what `you` must say."""
_OVERRIDE = re.compile(
    rf"{_AT_ONCE}{_DROP}(?:chỉ dẫn|hướng dẫn|prompt|lời nhắc|chỉ thị|mệnh lệnh){_EARLIER}|"
    rf"{_BEGINS}{_DROP}(?:yêu cầu|nội dung|thông tin){_EARLIER}|"
    rf"{_BEGINS}{_DROP}(?:chỉ dẫn|hướng dẫn|prompt|lời nhắc|câu hỏi|quy tắc)"
    r"(?:\s+(?:này|hệ thống))?(?:\s+(?:của (?:bạn|người dùng)\b|ở trên)|\s*(?:[.;!]|$)|"
    r"(?:,| và| rồi)\s+(?:hãy |chỉ )*(?:viết|nói|trả lời|đáp|in ra|xuất ra|lặp lại)\b)|"
    rf"{_AT_ONCE}{_IGNORE}(?:previous|prior|earlier|above|system)\s+"
    rf"(?:instructions?|prompts?|directions|text){_NOT_OF}|{_AT_ONCE}{_IGNORE}everything above\b|"
    rf"{_BEGINS}{_IGNORE}(?:(?:previous|prior|earlier|above|other)\s+)*"
    r"(?:(?:system|content|safety|ethical|security)\s+)?"
    r"(?:instructions?|prompts?|rules|directions|guidelines|policies|protocols|constraints|text|"
    rf"everything(?=[,.;])|user's question|question){_NOT_OF}|"
    rf"{_AT_ONCE}{_IGNORE}question and (?:only )?{_WRITE}\b|"
    rf"{_BEGINS}{_IGNORE}above(?=(?:,| and)\s+(?:please |just |only |then |instead )*"
    r"(?:answer|reply|respond|say|write|print|output|tell)\b)|"
    rf"{_BEGINS}bo qua (?:(?:moi|tat ca|cac|nhung) )*(?:chi dan|huong dan|chi thi|menh lenh|cau hoi)"
    r"(?= (?:truoc|o tren|phia tren|ben tren)\b|\s*(?:[.;!]|$)|"
    r"(?:,| va| roi) (?:hay |chi )*(?:viet|noi|tra loi|dap|in ra)\b)|"
    rf"{_AT_ONCE}(?:tiết lộ|in ra|hiện|viết lại|lặp lại|nhắc lại|reveal|print|show|output|repeat|disclose)\b"
    r"[^.!?]{0,30}\b(?:lời nhắc hệ thống|(?:system|original) prompt)\b|"
    r"\b(?:chỉ dẫn mới thay|chỉ dẫn mới:|là chỉ dẫn mới|(?:your|these) new instructions|"
    r"new instructions replace)",
    _I,
)
"""What does away with earlier orders, or has them shown. Others ignore rules too, and after `and` it is they:
there, it must be what stands above."""
_ADDRESSED = re.compile(
    r"^\W*(?:\w+\W+){0,3}?(?:lưu ý|thông báo|ghi chú|chỉ thị|chú ý|gửi|dành|yêu cầu|note|message|attention|"
    r"directive|to|for)\b"
    rf"[^.!?:]{{0,40}}{_MACHINE}[^.!?]{{0,12}}[:\]]\s|"
    rf"^\W*(?:attention|dear|hey|hi|hello|này|chào|{_MACHINE})\s+{_MACHINE}?[^.!?,]{{0,12}}\s*[,:]\s*(?!\W*$)"
    rf"(?:(?:xin|vui lòng|hãy|chỉ|luôn|please|just|only|always|do not|never)\s)*(?:{_SAY}|bạn|you)\b|"
    rf"^\W*{_MACHINE}\s*[,:]\s*(?:(?:hãy|luôn|just|only|please)\s)*(?:{_SAY}|bạn|you)\b|"
    rf"^\W*(?:(?:any|every|all|mọi|the)\s)?{_MACHINE}\s+"
    r"(?:(?:that|which|who|reading|processing|đọc|xử lý|nào)\b[^.!?,]{0,40}\s)?"
    r"(?:hãy|phải|đừng|không được|chỉ được|must|may not|are instructed(?: not)? to)\s+"
    rf"(?:(?:chỉ|luôn|only|always|not)\s)*(?:{_SAY}(?<!answer)(?<!trả lời)\s|dùng các câu|"
    r"(?:answer|trả lời)\s(?:any\b|that\b|with\b|only\b|rằng\b|là\b|bằng\b|\W))|"
    rf"{_MACHINE}\s*[,:]\s*(?:reply|answer)\b|{_MACHINE}\s*[,:]?\s*(?:hãy|đừng)\s+{_SAY}\b|"
    rf"\b(?:nếu bạn là|bạn là một|if you are|you are now)\b[^.!?]{{0,20}}{_MACHINE}[^.!?]*[,;:]|"
    rf"^\W*(?:hey|hi|hello|này|chào|dear)\s+{_MACHINE}\s*,|"
    rf"\b(?:thân mến|attention)\b\s*[:,]\s*(?:{_SAY}|hãy|đừng)\b",
    _I,
)
"""What speaks to a machine that reads."""
_YOUR_ANSWER = re.compile(
    r"\bcâu trả lời của bạn (?:phải|cần|chỉ|sẽ(?! được (?:giữ|bảo mật|xem xét))|bằng)\b|"
    r"\b(?:thay|thêm|viết|đặt|bắt đầu|kết thúc)\b[^.!?]{0,40}\bcâu trả lời của bạn\b|"
    r"\byour (?:answers?|response|reply) (?:must|has to|have to|should|shall) (?:be|start|begin|contain|"
    r"include|end|say)\b|"
    r"\b(?:replace|begin|start|end|write|prefix|append|add|mention)\b[^.!?]{0,40}"
    r"\b(?:(?:your|every) (?:answer|response|reply)|each of your answers)\b|"
    r"\bin (?:each of )?your (?:answers?|response|reply), |"
    r"\b(?:before|when|until) you (?:answer|reply to|respond to) (?:any|every|the|this) (?:user|question)\b|"
    r"\b(?:hãy|thêm|nhắc lại|chèn)\b[^.!?]*\b(?:trong|vào) (?:mỗi|mọi) câu trả lời\b|"
    r"^\W*(?:đối với |với |cho |for |to )?(?:mọi|bất kỳ|tất cả(?: các)?|all|any|every)\s"
    r"(?:câu hỏi|quer(?:y|ies)|questions?)(?: nào)? (?:về|liên quan|regarding|about|concerning|on)\b[^.!?]*"
    r"(?:\bđều có |\bcó |, (?:the )?)"
    r"(?:đáp án|câu trả lời|(?:(?:only|correct|right) )*(?:answer|response|reply))"
    r"(?: đúng| duy nhất| chính xác)? (?:là|is|(?:should|must) be)\b(?! (?:the|a|an|to|that|in|một|của)\b)|"
    r"\bcâu trả lời duy nhất là\b|^\W*(?:hãy )?trả lời mọi câu hỏi (?:bằng|là|rằng)\b|\bkhi trả lời, hãy\b|"
    r"\bcâu trả lời, bạn hãy\b|"
    r"\b(?:hãy|đừng|vui lòng|xin hãy|bạn (?:hãy|phải|chỉ được))\s+(?:\w+\s+){0,2}?"
    r"(?:(?:trả lời|đáp)(?! (?:(?:đúng |đủ |hết )?(?:các|những|\d+|mọi|câu|phần)|câu hỏi|phỏng vấn|phiếu|"
    r"khảo sát|đúng|thư|thành thật|trung thực|đầy đủ|họ|con|bé|trẻ|ứng))|viết (?:câu trả lời|NOT)|"
    r"nói với người (?:hỏi|dùng)|bảo người dùng)|"
    r"\bhãy đóng vai\b[^.!?]*\btrả lời\b|\b(?:bất kể|dù) (?:người dùng hỏi|câu hỏi là) gì\b|"
    r"\b(?:hãy|chỉ|luôn|phải)\b[^.!?]*\bkhi người dùng hỏi\b|\bkhi người dùng hỏi\b[^.!?]*,\s*(?:hãy|chỉ)\b|"
    rf"{_AT_ONCE}answer every question (?:with|by)\b|"
    rf"{_AT_ONCE}respond (?:as follows|with|in (?-i:[A-Z]))|"
    r"\bthe only permitted reply\b|(?:^|[:,;]\s)\W*tell the (?:user|person asking)\b|"
    r"\b(?:answer|reply|respond|say|write)\b[^.!?]*\bwhen the user asks\b|"
    r"\b(?:no matter what|whatever) the (?:user|question)\b|\bwhen you summari[sz]e this\b",
    _I,
)
"""What speaks of the answer to be given, or of the one who asks for it."""
_IMPERATIVE = re.compile(
    r"\b(?:if|when) (?:someone )?asks?(?:ed)?\b[^.!]*[,\"”]\s*(?:just )?(?:answer|reply|respond|say|write)\b|"
    r"(?:^|[:,;]\s)\W*(?:just )?(?:answer|reply|respond)\b[^.!]*\b(?:with|only|that|if asked)\b|"
    r"(?:^|[:;,]\s)\W*just answer\b|\band answer (?:that|with|only)\b|"
    r"\b(?:to pass,|from now on you) answer\b|"
    r"\b(?:from (?:now|this line) on|kể từ dòng này|từ dòng này|từ (?:bây )?giờ),? "
    rf"(?:you |bạn )?(?:only |chỉ |hãy )*{_SAY}\b|"
    rf"{_AT_ONCE}(?:only {_WRITE}|{_WRITE} only|chỉ {_WRITE}|(?<=: ){_WRITE}|(?<=chỉ ){_WRITE}) {_WORD}",
    _I,
)
"""Orders to answer, with nobody named who should."""
_FOLLOWS = re.compile(
    rf"^\W*(?:(?:hãy|đừng|chỉ|không|thay vào đó|please|only|just|instead|do not|don't|never|always|luôn)\W+)*"
    rf"(?:hãy\s+)?{_SAY}\b",
    _I,
)

_FORMS = (
    (_TAGS, "< ; [ ; ] ; not_found ; :"),
    (
        _OVERRIDE,
        "chỉ dẫn ; hướng dẫn ; prompt ; lời nhắc ; câu hỏi ; quy tắc ; instruction ; rules ; directions ;"
        " guidelines ; policies ; protocols ; constraints ; text ; everything ; question ; chỉ thị ;"
        " mệnh lệnh ; yêu cầu ; nội dung ; thông tin ; above ; chi dan ; huong dan ; chi thi ; menh lenh ;"
        " cau hoi",
    ),
    (
        _ADDRESSED,
        "trợ lý ; mô hình ; chat ; ai ; máy ; hệ thống ; thân mến ; language model ; assistant ; llm ;"
        " machine reader ; answering system ; attention",
    ),
    (_LABELLED, ":"),
    (
        _YOUR_ANSWER,
        "trả lời ; đáp ; viết ; người dùng ; người hỏi ; answer ; respon ; reply ; user ; person asking ;"
        " question ; summari",
    ),
    (
        _IMPERATIVE,
        "answer ; reply ; respond ; say ; write ; print ; output ; viết ; in ra ; xuất ra ; from now on ;"
        " this line ; dòng này ; từ giờ ; từ bây giờ",
    ),
)
"""Each form, and words of which one stands wherever it matches, in lower case: most sentences hold none."""
_LEADING = (_TAGS, _OVERRIDE, _ADDRESSED)
"""What an order in the next sentence may belong to."""
_WORDED = tuple((form, tuple(words.split(" ; "))) for form, words in _FORMS)
HOSTILE_VERSION = hashlib.sha256(
    "\n".join(form.pattern for form in (*(form for form, _ in _FORMS), _FOLLOWS)).encode()
).hexdigest()[:8]
"""Changes whenever other sentences may be found."""


def is_instruction(sentence: str) -> bool:
    """Whether a sentence orders the one who answers, not somebody in the news, to do something."""
    return _form(sentence) is not None


@lru_cache(maxsize=1 << 14)
def _form(sentence: str) -> re.Pattern[str] | None:
    """The form that makes a sentence such an order."""
    lower = sentence.lower()
    fitting = (form for form, words in _WORDED if any(word in lower for word in words))
    return next((form for form in fitting if form.search(sentence)), None)


def instruction_spans(text: str) -> tuple[tuple[int, int], ...]:
    """The sentences of a text that are such orders, as (start, end), end exclusive, in order.

    A sentence right behind one that speaks to a machine or does away with its orders belongs to it if it
    begins with an imperative of saying.
    """
    return _short_spans(text) if len(text) <= _PASSAGE else _spans(text)


_PASSAGE = 4000
"""Characters of what is remembered: passages, which come back with other questions, not whole articles."""


@lru_cache(maxsize=1 << 12)
def _short_spans(text: str) -> tuple[tuple[int, int], ...]:
    return _spans(text)


def _spans(text: str) -> tuple[tuple[int, int], ...]:
    found: list[tuple[int, int]] = []
    leads = False
    for start, end in sentence_spans(text):
        sentence = text[start:end]
        form = _form(sentence)
        leads = form in _LEADING or (form is None and leads and bool(_FOLLOWS.match(sentence)))
        if form or leads:
            found.append((start, end))
    return tuple(found)


def blanked(text: str) -> str:
    """The text with blanks, as many as there were characters, where a sentence is such an order."""
    parts, done = [], 0
    for start, end in instruction_spans(text):
        parts += [text[done:start], " " * (end - start)]
        done = end
    return "".join([*parts, text[done:]])


def cleared(line: str) -> str:
    """A title or the like without such orders."""
    return " ".join(blanked(line).split()) if instruction_spans(line) else line


def cleared_source(source: str) -> str:
    """The name of a file; empty if its words, whatever stands between them, are such an order."""
    words = re.sub(r"[-_./\\\s]+", " ", re.sub(r"\.\w+$", "", source))
    return "" if instruction_spans(words) else cleared(source)


def without_instructions(passage: Passage) -> Passage:
    """The passage with such orders blanked, in what is told about it too, and not among its sentences.

    Offsets stay right, so what is quoted from the rest still stands in the article to the letter.
    """
    told = passage.title, passage.place, passage.outlet
    title, place, outlet = map(cleared, told)
    if (title, place, outlet) != told:
        passage = replace(passage, title=title, place=place, outlet=outlet)
    spans = [(passage.start + start, passage.start + end) for start, end in instruction_spans(passage.text)]
    if not spans:
        return passage
    kept = [
        i
        for i, (start, end) in enumerate(passage.sentences)
        if not any(start < right and left < end for left, right in spans)
    ]
    scores = passage.sentence_scores
    return replace(
        passage,
        text=blanked(passage.text),
        sentences=tuple(passage.sentences[i] for i in kept),
        sentence_scores=tuple(scores[i] for i in kept) if scores else (),
    )
