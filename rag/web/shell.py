"""The page as the browser first gets it: in the reader's language and theme, before any script runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rag.web.fragments import render
from rag.web.options import MOST_PASSAGES, engines
from rag.web.routes import ANYBODY, SCRIPTS, THEME_COOKIE, language_of, owner_or_none
from rag.web.service import LONGEST_QUESTION
from rag.web.texts import LANGUAGES, texts

if TYPE_CHECKING:
    from starlette.requests import Request

    from rag.assistant import Assistant

THEMES = ("system", "light", "dark")
LOGIN_ASSETS = ("page.css", "login.js")
"""Files that are served to whoever is not logged in."""


class Frame:
    """Draws the page for one assistant. `views` are what it shows beside the chat."""

    def __init__(self, assistant: Assistant, views: Sequence[str]) -> None:
        self._assistant = assistant
        self._views = list(views)

    def page(self, request: Request) -> str:
        """The page, or that for logging in."""
        language = language_of(request)
        theme = request.cookies.get(THEME_COOKIE, "")
        theme = theme if theme in THEMES else "system"
        owner = owner_or_none(request)
        if owner is None:
            return render("login", language, theme=theme)
        return render(
            "shell",
            language,
            theme=theme,
            user="" if owner == ANYBODY else owner.removeprefix("user:"),
            engines=engines(self._assistant),
            settings=self._assistant.settings,
            most_passages=MOST_PASSAGES,
            longest=LONGEST_QUESTION,
            words=texts(language),
            later={each: texts(each)["language_later"] for each in LANGUAGES},
            scripts=SCRIPTS,
            views=self._views,
        )
