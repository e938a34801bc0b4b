"""The terminal chat: a loop over questions, with the earlier turns kept for follow-ups."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from rag.errors import RagError
from rag.flags import say
from rag.render import ProgressBars, answer_view, follow, sources_view, terminal, write_view
from rag.types import Answer, Filters, Turn

if TYPE_CHECKING:
    from rag.assistant import Assistant

HELP = """\
Ask a question and press Enter; a follow-up may refer to what was said before.
  /sources   the sources of the last answer again, and every passage it was given
  /clear     forget the conversation
  /help      this text
  /quit      leave (Ctrl-D does too); Ctrl-C stops an answer"""

_LINES_KEPT = 1000


def answered(
    assistant: Assistant,
    progress: ProgressBars,
    question: str,
    *,
    history: Sequence[Turn] = (),
    filters: Filters | None = None,
    stream: bool,
) -> Answer:
    """The checked answer; with `stream`, the terminal shows it while it is written."""
    if not stream:
        return assistant.ask(question, history, filters)
    return follow(assistant.stream(question, history, filters), terminal(sys.stdout), progress)


class Chat:
    """One conversation on the terminal. It ends at `/quit` or at the end of standard input."""

    def __init__(
        self, assistant: Assistant, progress: ProgressBars, filters: Filters, history_file: Path
    ) -> None:
        self._assistant = assistant
        self._progress = progress
        self._filters = filters
        self._history_file = history_file
        self._turns: list[Turn] = []
        self._last: Answer | None = None
        self._console = terminal(sys.stdout)
        self._plain = not sys.stdout.isatty()

    def run(self) -> None:
        """Read, answer, repeat. An error is shown and the conversation goes on."""
        if not self._plain:
            self._console.print("Ask about the articles. /help shows what else you can type.", style="dim")
        with _line_history(self._history_file):
            for line in _lines():
                if line == "/quit":
                    return
                if line.startswith("/"):
                    self._command(line)
                else:
                    self._ask(line)

    def _command(self, line: str) -> None:
        match line:
            case "/help":
                self._console.print(HELP)
            case "/clear":
                self._turns.clear()
                self._last = None
                self._console.print("Forgotten.", style="dim")
            case "/sources":
                self._show_sources()
            case _:
                self._console.print(f"There is no {line.split()[0]}; /help shows what there is.")

    def _show_sources(self) -> None:
        answer = self._last
        if answer is None:
            self._console.print("No answer yet.")
            return
        write_view(sources_view(answer, plain=self._plain), sys.stdout)
        if answer.citations:
            self._console.print("\nRetrieved", style="bold")
            for passage in answer.retrieved:
                span = f"characters {passage.start}–{passage.end}"
                self._console.print(f"{passage.score:.3f}  {passage.source}  {span}", style="dim")

    def _ask(self, question: str) -> None:
        try:
            answer = answered(
                self._assistant,
                self._progress,
                question,
                history=self._turns,
                filters=self._filters,
                stream=not self._plain,
            )
        except KeyboardInterrupt:
            say("Stopped.")
            return
        except RagError as error:
            say(f"Error: {error.message}")
            if error.hint:
                say(f"Hint: {error.hint}")
            return
        write_view(answer_view(answer, plain=self._plain), sys.stdout)
        turn = Turn(question, answer.answer, answer.short_answer, answer.standalone_question)
        self._turns.append(turn)
        self._last = answer


def _lines() -> Iterator[str]:
    """Lines typed by the user, stripped, empty ones left out, until the end of input."""
    prompt = "\n> " if sys.stdin.isatty() else ""
    while True:
        try:
            line = input(prompt).strip()
        except EOFError:
            return
        if line:
            yield line


@contextmanager
def _line_history(file: Path) -> Iterator[None]:
    """Arrow keys recall earlier questions, also of earlier chats, where Python has readline."""
    try:
        import readline
    except ImportError:
        yield
        return
    if not sys.stdin.isatty():
        yield
        return
    with suppress(OSError):
        readline.read_history_file(file)
    readline.set_history_length(_LINES_KEPT)
    try:
        yield
    finally:
        with suppress(OSError):
            file.parent.mkdir(parents=True, exist_ok=True)
            readline.write_history_file(file)
            file.chmod(0o600)
