"""A follow-up question → one that stands alone: "còn ở Đắk Nông thì sao?", "and who signed it?"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rag.errors import EngineError
from rag.prompts import Prompt
from rag.stream import read
from rag.types import Turn
from rag.verify import Claim, covers
from rag.vietnamese import fold, nfc

if TYPE_CHECKING:
    from langchain_core.language_models.chat_models import BaseChatModel

ANSWER_CHARACTERS = 300
"""So much of an earlier answer is enough to tell what "it" and "there" stand for."""
SECONDS = 10.0
SHORT_QUESTION = 3
"""A question of so few words names nothing."""

_OPENINGS = (
    "còn|thế còn|vậy còn|vậy thì|vậy|thế thì|thế|rồi|và|"
    "and|but|what about|how about|what else|who else|where else"
)
_POINTERS = (
    "ông ấy|bà ấy|ông đó|bà đó|ông này|bà này|anh ấy|chị ấy|người đó|người ấy|người này|đồng chí đó|"
    "đồng chí ấy|đồng chí này|hội nghị đó|hội nghị này|sự kiện đó|sự kiện này|ở đó|tại đó|nơi đó|nơi này|"
    "lúc đó|khi đó|năm đó|ngày đó|việc đó|việc này|điều đó|điều này|bài đó|bài này|tỉnh đó|tỉnh này|thì sao"
)
_OPENING = re.compile(rf"({_OPENINGS}|{fold(_OPENINGS)})\b")
_POINTER = re.compile(
    rf"\b({_POINTERS}|{fold(_POINTERS)}|\w+ (đó|ấy|này)|họ|nó|"
    r"he|she|they|him|her|his|hers|there|then|the same|the meeting|the conference|the event|the province)\b"
)
_TITLE_ONLY = re.compile(r"(Ông|Bà|Anh|Chị|Đồng chí|Hội nghị|Sự kiện) (?=[^\W\dA-ZĐ])")
"""A title that no name follows stands for somebody named before."""
_WEAK = re.compile(r"\b(it|its|their|them|this|that|these|those|one|ones)\b")
"""These often stand for something named in the same sentence: `When did Thanh Hóa hold its conference?`"""
_IS_THERE = re.compile(r"\b(is|are|was|were) there\b|\bthere (is|are|was|were)\b")
_NAME = re.compile(r"(?<=\s)[A-ZĐ]")


def needs_history(question: str) -> bool:
    """Whether a question points back at the conversation. One that names what it asks about does not."""
    question = nfc(question).strip()
    text = _IS_THERE.sub(" ", question.lower())
    if len(re.findall(r"\w+", text)) <= SHORT_QUESTION or _OPENING.match(text) or _POINTER.search(text):
        return True
    if (titled := _TITLE_ONLY.match(question)) and not any(map(str.isupper, question[titled.end() :])):
        return True
    weak, name = _WEAK.search(question), _NAME.search(question)
    return weak is not None and (name is None or weak.start() < name.start())


def make_standalone(
    question: str, history: Sequence[Turn], prompt: Prompt, model: BaseChatModel | None
) -> str:
    """The question with what it points at put in; unchanged when it needs no history.

    Without a model, or when what the model writes cannot be trusted (it names something that neither the
    question nor the conversation knows), the question is put behind the one before it.
    """
    if not history or not needs_history(question):
        return question
    rewritten = _rewrite(question, history, prompt, model) if model is not None else ""
    if rewritten and _is_faithful(rewritten, question, history):
        return rewritten
    return f"{history[-1].question.rstrip(' ?')}? {question}"


def _rewrite(question: str, history: Sequence[Turn], prompt: Prompt, model: BaseChatModel) -> str:
    turns = "\n".join(f"Q: {turn.question}\nA: {_shorten(turn.answer)}" for turn in history)
    messages = prompt.fill(history=turns, question=question)
    try:
        text = "".join(read(model, messages, SECONDS))
    except EngineError:
        return ""
    return re.sub(r"^(Q|Question|Câu hỏi)\s*:\s*", "", text.strip().partition("\n")[0]).strip()


def _shorten(answer: str) -> str:
    plain = re.sub(r"\s*\[\d+\]", "", answer)
    return plain if len(plain) <= ANSWER_CHARACTERS else plain[:ANSWER_CHARACTERS] + "…"


def _is_faithful(rewritten: str, question: str, history: Sequence[Turn]) -> bool:
    known = "\n".join([question, *(f"{turn.question}\n{turn.answer}" for turn in history)])
    claim = Claim.of(rewritten)
    kept = Claim.of(question)
    return claim.items <= covers(claim, known).items and kept.items <= covers(kept, rewritten).items
