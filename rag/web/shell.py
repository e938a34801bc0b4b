"""The page as the browser first gets it: in the reader's language and theme, before any script runs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rag.web.fragments import render
from rag.web.options import MOST_PASSAGES, engines
from rag.web.routes import SCRIPTS, THEME_COOKIE, language_of, owner_or_none
from rag.web.service import LONGEST_QUESTION
from rag.web.texts import LANGUAGES, texts

if TYPE_CHECKING:
    from starlette.requests import Request

    from rag.assistant import Assistant

THEMES = ("system", "light", "dark")
_FRAME_RESIZER = re.compile(
    r"<script>(?:(?!</script>).)*iframeResizer\.contentWindow(?:(?!</script>).)*</script>", re.DOTALL
)
"""Gradio's script for pages that others embed; ours is embedded by nobody."""
_FOREIGN_META = re.compile(r"<meta[^>]*(?:og:|twitter:)[^>]*>", re.DOTALL)


class Frame:
    """Draws the page for one assistant. `views` are what it shows beside the chat."""

    def __init__(self, assistant: Assistant, views: Sequence[str]) -> None:
        self._assistant = assistant
        self._views = list(views)

    def page(self, request: Request) -> str | None:
        """Our page; None for whoever must log in first, on Gradio's own page for that."""
        if owner_or_none(request) is None:
            return None
        language = language_of(request)
        theme = request.cookies.get(THEME_COOKIE, "")
        return render(
            "shell",
            language,
            theme=theme if theme in THEMES else "system",
            engines=engines(self._assistant),
            settings=self._assistant.settings,
            most_passages=MOST_PASSAGES,
            longest=LONGEST_QUESTION,
            words=texts(language),
            later={each: texts(each)["language_later"] for each in LANGUAGES},
            scripts=SCRIPTS,
            views=self._views,
        )


def with_nonce(page: str, nonce: str) -> str:
    """Gradio's page, its scripts allowed by `nonce`, freed of what would call other hosts.

    Values in it are escaped (`<` is `\\u003c` in its configuration), so every `<script` is one of its own.
    """
    page = _FOREIGN_META.sub("", _FRAME_RESIZER.sub("", page))
    return page.replace("<script", f'<script nonce="{nonce}"')
