"""What programs ask and get: input that is checked, one JSON object out (the page's API, MCP)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rag.errors import SettingsError, StoreError
from rag.flags import is_date, unknown_source
from rag.types import Filters, Turn

if TYPE_CHECKING:
    from rag.assistant import Assistant

LONGEST_QUESTION = 2000
"""Characters."""
MOST_PASSAGES = 50
_LISTED = ("source", "title", "published", "outlet", "author", "url")


def ask(
    assistant: Assistant, question: str, history: Sequence[Turn] = (), filters: Filters | None = None
) -> dict[str, Any]:
    """The object of `rag ask --json`. Raises SettingsError for a bad question, else as `Assistant.ask`."""
    return assistant.ask(checked_question(question), history, filters).to_dict()


def search(
    assistant: Assistant, question: str, k: int | None = None, filters: Filters | None = None
) -> dict[str, Any]:
    """The object of `rag search --json`; `k` is how many passages, by default as set.

    Raises SettingsError for a bad question or `k`, else as `Assistant.search`.
    """
    if k is not None and not 1 <= k <= MOST_PASSAGES:
        raise SettingsError(f"k is {k}.", f"Ask for 1 to {MOST_PASSAGES} passages.")
    return assistant.search(checked_question(question), k, filters).to_dict()


def articles(assistant: Assistant) -> dict[str, Any]:
    """The object of `rag list --json`. Raises as `Assistant.articles`."""
    chunks = assistant.chunk_counts()
    rows = [{name: getattr(article, name) for name in _LISTED} for article in assistant.articles()]
    return {"articles": [row | {"chunks": chunks.get(row["source"], 0)} for row in rows]}


def article(assistant: Assistant, source: str) -> dict[str, Any]:
    """The object of `rag show --json`. Raises StoreError for an unknown source, naming similar ones."""
    try:
        return asdict(assistant.article(source))
    except StoreError as error:
        names = [each.source for each in assistant.articles()]
        if type(error) is not StoreError or source in names:
            raise
        raise unknown_source(source, names) from error


def checked_question(question: str) -> str:
    """The question without white space around it. Raises SettingsError when it is empty or too long."""
    question = question.strip()
    if not question:
        raise SettingsError("The question is empty.", "Write what you want to know.")
    if len(question) > LONGEST_QUESTION:
        raise SettingsError(
            f"The question has {len(question)} characters.", f"Ask in at most {LONGEST_QUESTION}."
        )
    return question


def checked_filters(
    since: str = "", until: str = "", outlets: Sequence[str] = (), sources: Sequence[str] = ()
) -> Filters:
    """The filters; empty means everything. Raises SettingsError for a date that is none."""
    for name, date in (("since", since), ("until", until)):
        if date and not is_date(date):
            raise SettingsError(f"{name} is '{date}'.", "Write a date such as 2023, 2023-12 or 2023-12-26.")
    return Filters(since or None, until or None, tuple(outlets), tuple(sources))
