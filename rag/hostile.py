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

from rag.sentences import sentence_spans
from rag.types import Passage

_I = re.IGNORECASE

_MACHINE = (
    r"(?:trợ lý(?: (?:ảo|ai|số))?|mô hình (?:ngôn ngữ|AI)|chat\s?bots?|\bAI\b|máy đọc|người đọc máy|"
    r"hệ thống hỏi đáp|"
    r"language models?|(?:virtual |ai )?assistants?\b|\bLLMs?\b|machine readers?|"
    r"question[- ]answering system)"
)
_SAY = (
    r"(?:trả lời|đáp|viết|nói|in ra|xuất ra|bảo|lặp lại|nhắc lại|thêm|bỏ qua|bỏ|quên|thay|nhân đôi|trích dẫn|"
    r"dẫn nguồn|answer|reply|respond|write|say|print|output|repeat|tell|add|ignore|forget|drop|replace|cite|"
    r"double|use)"
)
_TAGS = re.compile(
    r"<\|?/?(?:im_start|im_end|system|user|assistant|inst|passages?)\|?>|\[/?INST\]|\bNOT_FOUND\b|"
    r"^\W*(?:#+\s*)?(?:system|assistant|user|instructions?|hệ thống|chỉ dẫn hệ thống|system instructions?|"
    r"lời nhắc|prompt update|cập nhật lời nhắc)\s*:",
    _I | re.MULTILINE,
)
"""What marks the turns of a conversation with a model."""
_OVERRIDE = re.compile(
    r"\b(?:bỏ qua|quên|bỏ|ghi đè)\s+(?:(?:mọi|tất cả|các|những|toàn bộ)\s+)*"
    r"(?:chỉ dẫn|hướng dẫn|prompt|lời nhắc|câu hỏi|quy tắc)"
    r"(?! (?:của (?!người dùng)|về|giao|an toàn|kỹ thuật))|"
    r"\b(?:ignore|disregard|forget|bypass|override)\s+(?:(?:all|any|the|your|every|of|these|those)\s+)*"
    r"(?:(?:previous|prior|earlier|above|other)\s+)?"
    r"(?:instructions?|prompts?|rules|text|everything above|user's question|question)\b"
    r"(?! (?:from|of|on|by)\b)|"
    r"\b(?:lời nhắc hệ thống|system prompt)\b|"
    r"\b(?:chỉ dẫn mới thay|chỉ dẫn mới:|là chỉ dẫn mới|(?:your|these) new instructions|"
    r"new instructions replace)",
    _I,
)
"""What does away with earlier orders, or speaks of them."""
_ADDRESSED = re.compile(
    r"(?:lưu ý|thông báo|ghi chú|chỉ thị|chú ý|gửi|dành|yêu cầu|"
    r"note|message|attention|dear|to|for|directive)\b"
    rf"[^.!?]{{0,40}}{_MACHINE}[^.!?]{{0,12}}[:,\]]|"
    rf"^\W*{_MACHINE}[^.!?,]{{0,40}}\b"
    r"(?:hãy|phải|đừng|không được|chỉ được|must|may not|are instructed)\b|"
    rf"^\W*{_MACHINE}\s*[,:]|{_MACHINE}\s*[,:]?\s*(?:hãy|đừng|reply|answer)\b|"
    rf"\b(?:nếu bạn là|bạn là một|if you are|you are now)\b[^.!?]{{0,20}}{_MACHINE}|"
    rf"\b(?:any|every|all|mọi)\b[^.!?]{{0,6}}{_MACHINE}[^.!?]{{0,40}}\b(?:must|phải)\b|"
    rf"^\W*(?:hey|hi|hello|này|chào)\s+{_MACHINE}|"
    rf"{_MACHINE}[^.!?]{{0,20}}\bmust\s+(?:answer|say|ignore)",
    _I,
)
"""What speaks to a machine that reads."""
_YOUR_ANSWER = re.compile(
    r"\bcâu trả lời của bạn\b|\byour (?:answers?|response|reply)\b|\b(?:trong|vào) (?:mỗi|mọi) câu trả lời\b|"
    r"\bcâu trả lời duy nhất là\b|\btrả lời mọi câu hỏi\b|\bkhi trả lời, hãy\b|\bcâu trả lời, bạn hãy\b|"
    r"\b(?:hãy|đừng|vui lòng|xin hãy|bạn (?:hãy|phải|chỉ được))\s+(?:\w+\s+){0,2}?"
    r"(?:trả lời|đáp|viết (?:câu trả lời|NOT)|nói với người (?:hỏi|dùng)|bảo người dùng|in ra)|"
    r"\bhãy đóng vai\b|\b(?:bất kể|dù) (?:người dùng|câu hỏi)\b|\bkhi người dùng hỏi\b|"
    r"\banswer every question\b|\bto every answer\b|\brespond (?:as follows|in|with)\b|"
    r"\bthe only permitted reply\b|\btell the (?:user|person asking)\b|\bthe user asks\b|"
    r"\b(?:no matter what|whatever) the (?:user|question)\b|\bwhen you summarise\b",
    _I,
)
"""What speaks of the answer to be given, or of the one who asks for it."""
_IMPERATIVE = re.compile(
    r"\b(?:if|when) (?:someone )?asks?(?:ed)?\b[^.!]*[,\"”]\s*(?:answer|reply|respond|say|write)\b|"
    r"(?:^|[:,;]\s)\W*(?:just )?(?:answer|reply|respond)\b[^.!]*\b(?:with|only|that|if asked)\b|"
    r"\bjust answer\b|\b(?:and|to pass,|from now on you) answer\b|"
    r"\b(?:from (?:now|this line) on|kể từ dòng này|từ dòng này),? (?:you |bạn )?"
    rf"(?:only |chỉ |hãy )?{_SAY}\b|"
    r"\b(?:write|print|output|viết|in ra)(?: only)? (?-i:[A-Z_]{5,})\b",
    _I,
)
"""Orders to answer, with nobody named who should."""
_FOLLOWS = re.compile(
    rf"^\W*(?:(?:hãy|đừng|chỉ|không|thay vào đó|please|only|just|instead|do not|don't|never|always|luôn)\W+)*"
    rf"(?:hãy\s+)?{_SAY}\b",
    _I,
)

_FORMS = (_TAGS, _OVERRIDE, _ADDRESSED, _YOUR_ANSWER, _IMPERATIVE)
HOSTILE_VERSION = hashlib.sha256(
    "\n".join(form.pattern for form in (*_FORMS, _FOLLOWS)).encode()
).hexdigest()[:8]
"""Changes whenever other sentences may be found."""


def is_instruction(sentence: str) -> bool:
    """Whether a sentence orders the one who answers, not somebody in the news, to do something."""
    return any(form.search(sentence) for form in _FORMS)


def instruction_spans(text: str) -> list[tuple[int, int]]:
    """The sentences of a text that are such orders, as (start, end), end exclusive, in order.

    A sentence right behind an order belongs to it if it begins with an imperative of saying.
    """
    found: list[tuple[int, int]] = []
    before = False
    for start, end in sentence_spans(text):
        sentence = text[start:end]
        before = is_instruction(sentence) or (before and bool(_FOLLOWS.match(sentence)))
        if before:
            found.append((start, end))
    return found


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


def without_instructions(passage: Passage) -> Passage:
    """The passage with such orders blanked, in what is told about it too, and not among its sentences.

    Offsets stay right, so what is quoted from the rest still stands in the article to the letter.
    """
    if (title := cleared(passage.title)) != passage.title:
        passage = replace(passage, title=title)
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
