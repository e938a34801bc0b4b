"""The page's named endpoints for programs: `/ask`, `/search`, `/articles` and `/article`.

They return the JSON contract of the command line, over gradio_client or plain HTTP.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from inspect import signature
from typing import Any

from pydantic import ConfigDict, ValidationError, validate_call

from rag import contract
from rag.errors import RagError, SettingsError
from rag.types import Turn
from rag.web.service import Service

_MOST_TURNS = 50


def add_api(gr: Any, service: Service) -> None:
    """Declare the endpoints inside the Blocks that are open. Errors are sent as clear text."""
    assistant = service.assistant

    def endpoint(call: Callable[..., dict[str, Any]]) -> None:
        names = list(signature(call).parameters)
        checked: Callable[..., dict[str, Any]] = validate_call(config=ConfigDict(strict=True))(call)

        @wraps(call)
        def answered(*arguments: Any) -> dict[str, Any]:
            try:
                return checked(*arguments)
            except RagError as error:
                raise gr.Error(str(error), print_exception=False) from error
            except ValidationError as error:
                first = error.errors()[0]
                place = first["loc"][0]
                name = names[place] if isinstance(place, int) and place < len(names) else place
                raise gr.Error(f"{name}: {first['msg']}.", print_exception=False) from None

        gr.api(answered, api_name=call.__name__)

    def ask(
        question: str,
        since: str = "",
        until: str = "",
        outlets: list[str] = [],  # noqa: B006 - never changed; the page's API shows it
        sources: list[str] = [],  # noqa: B006
        history: list[dict[str, str]] = [],  # noqa: B006
    ) -> dict[str, Any]:
        """Answer a question; `history` holds earlier turns, each with `question` and `answer`."""
        filters = contract.checked_filters(since, until, outlets, sources)
        return service.answer(contract.checked_question(question), _turns(history), filters).to_dict()

    def search(
        question: str,
        k: int = 5,
        since: str = "",
        until: str = "",
        outlets: list[str] = [],  # noqa: B006
        sources: list[str] = [],  # noqa: B006
    ) -> dict[str, Any]:
        """Find the k best passages for a question; dates are YYYY, YYYY-MM or YYYY-MM-DD."""
        filters = contract.checked_filters(since, until, outlets, sources)
        return contract.search(assistant, question, k, filters)

    def articles() -> dict[str, Any]:
        """All articles of the index."""
        return contract.articles(assistant)

    def article(source: str) -> dict[str, Any]:
        """One article in full; offsets of citations count the characters of its `text`."""
        return contract.article(assistant, source)

    for call in (ask, search, articles, article):
        endpoint(call)


def _turns(history: list[dict[str, str]]) -> list[Turn]:
    try:
        turns = [
            Turn(
                contract.checked_question(turn["question"]),
                turn["answer"],
                str(turn.get("short_answer") or ""),
                str(turn.get("standalone_question") or ""),
            )
            for turn in history
        ]
    except (KeyError, TypeError, AttributeError):
        raise SettingsError(
            "The history cannot be read.", "Give a list of turns, each with question and answer."
        ) from None
    return turns[-_MOST_TURNS:]
