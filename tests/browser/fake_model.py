"""`python -m browser.fake_model web …` is `rag web …` with a chat model that does as the question says.

Everything else is real. The model copies the first sentence it was given and names its code; `slowly`
in a question makes it go on for minutes, `group 7` makes it write the seventh group of hostile strings.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

from langchain_core.language_models.chat_models import BaseChatModel, generate_from_stream
from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult

from browser.hostile import groups

SLOW_WORDS = 1000


class FakeModel(BaseChatModel):
    """Writes word by word."""

    @property
    def _llm_type(self) -> str:
        return "fake"

    def _generate(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> ChatResult:
        return generate_from_stream(self._stream(messages))

    def _stream(
        self, messages: list[BaseMessage], *args: Any, **kwargs: Any
    ) -> Iterator[ChatGenerationChunk]:
        prompt = messages[-1].text
        slow = "slowly" in prompt
        for word in re.findall(r"\S+\s*", _reply(prompt)):
            time.sleep(0.05 if slow else 0)
            yield ChatGenerationChunk(message=AIMessageChunk(content=word))


def _reply(prompt: str) -> str:
    found = re.search(r"\[([A-Z]{2})\] .*\n(.+?[.!?])(\s|$)", prompt)
    if not found:
        return ""
    code, sentence = found[1], found[2]
    if group := re.search(r"group (\d+)", prompt):
        return " ".join(f"{text} [{code}]\n" for text in groups()[int(group[1])])
    if "slowly" in prompt:
        return f"{sentence} [{code}] " + "và rồi " * SLOW_WORDS
    return f"{sentence} [{code}]"


if __name__ == "__main__":
    import rag.llm
    from rag.cli import main

    rag.llm.chat_model = lambda settings, progress=None: FakeModel()
    main()
