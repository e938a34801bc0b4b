"""What a model writes when it writes no answer of any kind, not even a wrong one. Pure text."""

from __future__ import annotations

import re

from rag.citations import Draft
from rag.stream import failure, is_prose
from rag.verify import Claim, covers
from rag.wording import refuses

GARBAGE_WORDS = 8
"""So many words without a marker, none of them in the question or the passages, answer nothing."""


def refuse_garbage(draft: Draft, known: str, language: str) -> None:
    """Let pass what is an answer.

    Args:
        draft: all that the model wrote.
        known: the question and what was read for it.
        language: of the answer.

    Raises:
        EngineError: it has no words, is no prose, or has nothing to do with what is known.
    """
    if not re.search(r"\w", draft.text):
        raise failure("silent")
    claim = Claim.of(draft.text, language)
    foreign = len(claim.words) >= GARBAGE_WORDS and not (draft.markers or covers(claim, known).words)
    if (foreign and not refuses(draft.text)) or not is_prose(draft.text):
        raise failure("unreadable")
