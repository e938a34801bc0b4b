"""A follow-up question → one that stands alone: "còn ở Đắk Nông thì sao?", "and who signed it?"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rag.deadline import within
from rag.errors import EngineError
from rag.prompts import Prompt
from rag.types import Turn
from rag.verify import Claim
from rag.vietnamese import fold, nfc

if TYPE_CHECKING:
    from langchain_core.language_models.chat_models import BaseChatModel

ANSWER_CHARACTERS = 300
"""So much of an earlier answer is enough to tell what "it" and "there" stand for."""
SECONDS = 10.0
SHORT_QUESTION = 3
"""A question of so few words names nothing."""

# Folded, so that questions typed without diacritics are recognised as well.
_OPENINGS = re.compile(
    r"^(con|the con|vay con|vay thi|vay|the thi|the|roi|va|and|but|so|also|then|what about|how about|what else|"
    r"who else|where else|why)\b"
)
_POINTERS = re.compile(
    r"\b(ong ay|ba ay|ong do|ba do|anh ay|chi ay|nguoi do|nguoi ay|nguoi nay|dong chi do|dong chi ay|dong chi nay|"
    r"hoi nghi do|hoi nghi nay|hoi nghi ay|su kien do|su kien nay|o do|tai do|noi do|noi nay|luc do|khi do|nam do|"
    r"ngay do|viec do|viec nay|dieu do|dieu nay|cai do|cai nay|chung|ho|no|bai do|bai nay|thi sao|tinh do|tinh nay|"
    r"he|she|it|they|him|her|his|hers|its|their|theirs|them|there|then|that|this|those|these|one|ones|the same|"
    r"the meeting|the conference|the event|the province)\b"
)


def needs_history(question: str) -> bool:
    """Whether a question points back at the conversation. One that names what it asks about does not."""
    folded = fold(nfc(question)).lower().strip()
    words = re.findall(r"\w+", folded)
    return bool(len(words) <= SHORT_QUESTION or _OPENINGS.search(folded) or _points_back(folded))


def _points_back(folded: str) -> bool:
    # "that" and "there" also join clauses: `the programme that …`, `is there a …`.
    folded = re.sub(r"\b(is|are|was|were) there\b|\bthere (is|are|was|were)\b", " ", folded)
    folded = re.sub(r"(?<=\w )(that|this)(?= \w+ed\b| (was|were|is|are|has|have)\b)", " ", folded)
    return _POINTERS.search(folded) is not None


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
    messages = [
        ({"user": "human"}.get(role, role), text)
        for role, text in prompt.fill(history=turns, question=question)
    ]
    try:
        text = "".join(str(chunk.text) for chunk in within(SECONDS, lambda: model.stream(messages)))
    except EngineError:
        return ""
    return re.sub(r"^(Q|Question|Câu hỏi)\s*:\s*", "", text.strip().partition("\n")[0]).strip()


def _shorten(answer: str) -> str:
    plain = re.sub(r"\s*\[\d+\]", "", answer)
    return plain if len(plain) <= ANSWER_CHARACTERS else plain[:ANSWER_CHARACTERS] + "…"


def _is_faithful(rewritten: str, question: str, history: Sequence[Turn]) -> bool:
    known = "\n".join([question, *(f"{turn.question}\n{turn.answer}" for turn in history)])
    from rag.verify import covers

    claim = Claim.of(rewritten)
    kept = Claim.of(question)
    return claim.items <= covers(claim, known).items and kept.items <= covers(kept, rewritten).items
