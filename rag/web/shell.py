"""Our frame, written into the page that Gradio serves.

It comes with the HTML itself, in the reader's language and theme, so that the page stands before
Gradio's scripts have even been fetched.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rag.web.fragments import render
from rag.web.options import MOST_PASSAGES, engines
from rag.web.routes import THEME_COOKIE, language_of, owner_or_none
from rag.web.service import LONGEST_QUESTION
from rag.web.texts import texts

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
    """Draws the frame for one assistant. `views` are the pages beside the chat."""

    def __init__(self, assistant: Assistant, views: Sequence[str]) -> None:
        self._assistant = assistant
        self._views = views

    def around(self, page: str, request: Request, nonce: str) -> str:
        """Gradio's HTML with our frame in its body, its scripts allowed by `nonce`.

        Values in Gradio's HTML are escaped (`<` is `\\u003c` in its configuration), so every `<script` in it
        is one of its own. Whoever is not logged in gets Gradio's login page alone.
        """
        page = _FOREIGN_META.sub("", _FRAME_RESIZER.sub("", page))
        page = page.replace("<script", f'<script nonce="{nonce}"')
        if owner_or_none(request) is None:
            return page
        language = language_of(request)
        theme = request.cookies.get(THEME_COOKIE, "")
        theme = theme if theme in THEMES else "system"
        page = page.replace('lang="en"', f'lang="{language}" data-theme="{theme}"', 1)
        head, body = render("head", language, nonce=nonce), self._body(language, theme)
        page = page.replace("</head>", f"{head}</head>", 1)
        return re.sub(r"(<body[^>]*>)", lambda match: match[0] + body, page, count=1)

    def _body(self, language: str, theme: str) -> str:
        return render(
            "shell",
            language,
            theme=theme,
            engines=engines(self._assistant),
            settings=self._assistant.settings,
            most_passages=MOST_PASSAGES,
            longest=LONGEST_QUESTION,
            words=texts(language),
            views=list(self._views),
        )
