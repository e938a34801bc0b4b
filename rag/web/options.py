"""What a reader may set for a question: the engine, the number of passages, the strictness, the filters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from rag.settings import EXTRACTIVE, OFFLINE_LLM, Settings
from rag.types import Filters

if TYPE_CHECKING:
    from rag.assistant import Assistant

MOST_PASSAGES = 20
WIDER_PASSAGES = 12
"""So many passages at least are read when a reader asks for a wider search."""
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")


@dataclass(frozen=True, slots=True)
class Engine:
    """What can write answers here."""

    llm: str
    """As the setting `llm` names it."""
    name: str
    """As people are shown it."""
    local: bool
    """Whether questions and passages stay on this machine."""


def engines(assistant: Assistant) -> list[Engine]:
    """The engine that was configured, and the one that needs no model.

    No other can be named from the page: a model's name is an address that text would be sent to.
    """
    settings = assistant.settings
    found = [Engine(settings.llm, assistant.engine, is_local(settings))]
    if settings.llm != EXTRACTIVE:
        found.append(Engine(EXTRACTIVE, EXTRACTIVE, True))
    return found


def is_local(settings: Settings) -> bool:
    """Whether answers are written on this machine."""
    if settings.llm in (OFFLINE_LLM, EXTRACTIVE):
        return True
    return bool(settings.base_url) and urlsplit(settings.base_url or "").hostname in _LOOPBACK


def chosen(assistant: Assistant, wishes: Mapping[str, Any], *, wider: bool = False) -> Assistant:
    """The assistant under one reader's settings; index and models are shared, nobody else's settings change.

    What cannot be used is ignored: it came from a browser.
    """
    changes: dict[str, Any] = {}
    if wishes.get("engine") in {engine.llm for engine in engines(assistant)}:
        changes["llm"] = wishes["engine"]
    passages = wishes.get("passages")
    if isinstance(passages, int) and not isinstance(passages, bool) and 1 <= passages <= MOST_PASSAGES:
        changes["passages"] = passages
    if wider:
        changes["passages"] = max(WIDER_PASSAGES, changes.get("passages", assistant.settings.passages))
    if wishes.get("unsupported") in ("drop", "strike"):
        changes["unsupported"] = wishes["unsupported"]
    return assistant.variant(**changes)


def read_filters(wishes: Mapping[str, Any]) -> Filters:
    """Filters as the browser sends them; empty and malformed ones count as not given."""
    return Filters(
        since=_date(wishes.get("since")),
        until=_date(wishes.get("until")),
        outlets=_names(wishes.get("outlets")),
        sources=_names(wishes.get("sources")),
    )


def _date(value: Any) -> str | None:
    return value if isinstance(value, str) and _DATE.fullmatch(value) else None


def _names(value: Any) -> tuple[str, ...]:
    return tuple(each for each in value if isinstance(each, str) and each) if isinstance(value, list) else ()
