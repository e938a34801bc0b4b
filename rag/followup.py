"""A follow-up question → one that stands alone: "còn ở Đắk Nông thì sao?", "and who signed it?".

The rules of `rag.coreference` come first and take microseconds. The language model is asked only where they
find nothing that a pointer could stand for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rag.coreference import by_rules, leaves_out, needs_history
from rag.errors import EngineError
from rag.prompts import THOUGHT_ENDS, Prompt
from rag.stream import read
from rag.types import Turn
from rag.verify import Claim, covers

if TYPE_CHECKING:
    from langchain_core.language_models.chat_models import BaseChatModel

UNKNOWN = 0.1
"""Confidence of retrieval below which the articles know nothing of what a question says by itself. Of 24
follow-ups over corpus/ none came below .22, of eight questions about other things none above .07."""
CLEARLY = 0.25
"""So much surer is retrieval of a question by itself that begins something new. Of the 16 follow-ups over
corpus/ that point at nothing none gained more than .17 by itself."""
ANSWER_CHARACTERS = 300
"""So much of an earlier answer is enough to tell what "it" and "there" stand for."""
SECONDS = 10.0


def make_standalone(
    question: str,
    history: Sequence[Turn],
    prompt: Prompt,
    model: BaseChatModel | None,
    seconds: float = SECONDS,
    turns: int = 4,
) -> str:
    """The question with what it points at put in; unchanged when it needs no history.

    The rules read the whole conversation, as each turn may stand on the one before; the model reads the last
    `turns` of it. The model has `seconds` at most, and never more than SECONDS.

    Without a model, or when what the model writes cannot be trusted (it names something that neither the
    question nor the conversation knows), what the rules could do stands.
    """
    if not history or not needs_history(question):
        return question
    done = by_rules(question, history)
    if done.sure or model is None:
        return done.text
    last = history[-turns:] if turns else ()
    written = _rewrite(question, last, prompt, model, min(seconds, SECONDS))
    return written if written and _is_faithful(written, question, history) else done.text


def needs_model(question: str, history: Sequence[Turn]) -> bool:
    """Whether only the model can tell what a question points at."""
    return bool(history) and needs_history(question) and not by_rules(question, history).sure


def begins_anew(question: str, alone: float, rewritten: float) -> bool:
    """Whether a question taken for a follow-up is about something else.

    It points at nothing, and the articles know nothing of it, or clearly more than of what it was made into.

    Args:
        alone: confidence of retrieval for the question by itself.
        rewritten: the same for the question with what was put in.
    """
    return leaves_out(question) and (alone < UNKNOWN or alone > rewritten + CLEARLY)


def _rewrite(
    question: str, history: Sequence[Turn], prompt: Prompt, model: BaseChatModel, seconds: float
) -> str:
    turns = "\n".join(f"Q: {turn.question}\nA: {_shorten(turn.answer)}" for turn in history)
    messages = prompt.fill(history=turns, question=question)
    try:
        text = "".join(read(model, messages, seconds)).rpartition(THOUGHT_ENDS)[2]
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
