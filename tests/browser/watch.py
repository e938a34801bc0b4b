"""What must not happen in any tab, and that it did not."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Dialog, Page, Request, WebError, WebSocket

_LOCAL = ("127.0.0.1", None)
"""None: `data:` and `blob:` have no host."""
_NOTE_VIOLATIONS = """
window.__violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.__violations.push(`${event.effectiveDirective}: ${event.blockedURI}`));
"""


class Watch:
    """Requests to other hosts, console errors, script errors, CSP violations, dialogs, and the canary."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.requests = 0
        self._allowed: tuple[str, ...] = ()

    def allow(self, *parts: str) -> None:
        """Problems that hold one of these are part of the test: a server that is stopped, say."""
        self._allowed += parts

    def over(self, context: BrowserContext) -> None:
        """Watch all tabs of a new profile."""
        context.add_init_script(_NOTE_VIOLATIONS)
        context.on("request", self._request)
        context.on("console", self._console)
        context.on("weberror", self._error)
        context.on("dialog", self._dialog)
        context.on("page", lambda page: page.on("websocket", self._websocket))

    def look(self, context: BrowserContext) -> None:
        """See what the tabs themselves know."""
        for page in context.pages:
            self.problems += [f"CSP violation: {entry}" for entry in _evaluate(page, "window.__violations")]
            if _evaluate(page, "window.__pwned ? [1] : []"):
                self.problems.append("a hostile string ran as a script")

    def check(self) -> None:
        """Fail if anything happened."""
        assert self.requests, "no request was seen"
        left = [problem for problem in self.problems if not any(part in problem for part in self._allowed)]
        assert not left, "\n".join(left)

    def _request(self, request: Request) -> None:
        self.requests += 1
        if urlsplit(request.url).hostname not in _LOCAL:
            self.problems.append(f"request to another host: {request.url}")

    def _websocket(self, socket: WebSocket) -> None:
        if urlsplit(socket.url).hostname not in _LOCAL:
            self.problems.append(f"connection to another host: {socket.url}")

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.problems.append(f"console: {message.text} ({message.location.get('url')})")

    def _error(self, error: WebError) -> None:
        self.problems.append(f"script error: {error.error}")

    def _dialog(self, dialog: Dialog) -> None:
        self.problems.append(f"dialog: {dialog.message}")
        dialog.dismiss()


def _evaluate(page: Page, script: str) -> list[str]:
    return page.evaluate(f"() => {script} || []") if page.url.startswith("http") else []
