"""What the commands share: flags, the question, filters, exit codes, and errors as one clear line.

Only typer is imported here at the top: `rag --help` must answer in a blink.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from rag import __version__
from rag.errors import RagError, SavedAnswerError, StoreError

if TYPE_CHECKING:
    from rag.types import Filters

FAILED, NOT_FOUND, INTERRUPTED, READER_GONE = 1, 3, 130, 141
"""Exit codes; 0 is done, 2 wrong usage (typer's own), 141 says that the reader of our output went away."""


class Commands(TyperGroup):
    """The one place where errors become a clear line and an exit code."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run with UTF-8 on all three streams, whatever the locale says."""
        for stream, mend in (
            (sys.stdin, "replace"),
            (sys.stdout, "backslashreplace"),
            (sys.stderr, "backslashreplace"),
        ):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(encoding="utf-8", errors=mend)
        try:
            return super().main(*args, **kwargs)
        except SystemExit as stop:
            if stop.code == INTERRUPTED:  # typer turns Ctrl-C into this code, without a word
                say("\nStopped." if sys.stderr.isatty() else "Stopped.")
            raise

    def invoke(self, ctx: Any) -> Any:
        """Run the command; map what it raises to the exit codes above."""
        try:
            try:
                return super().invoke(ctx)
            finally:
                sys.stdout.flush()
        except (typer.Exit, typer.Abort, typer.TyperException):
            raise
        except BrokenPipeError:
            # Python flushes standard output once more at its end: let that go nowhere.
            with contextlib.suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(READER_GONE) from None
        except RagError as error:
            _fail(ctx, error, error.message, error.hint)
        except Exception as error:  # noqa: BLE001 - the last resort: a bug, too, is one line and a code
            message = f"Unexpected {type(error).__name__}: {error}"
            _fail(ctx, error, message, "Run it again with --debug and report what it shows.")


def _fail(ctx: Any, error: BaseException, message: str, hint: str) -> NoReturn:
    if ctx.meta.get("debug"):
        import traceback

        traceback.print_exception(error)
    say(f"Error: {' '.join(message.split())}")
    if hint:
        say(f"Hint: {' '.join(hint.split())}")
    raise typer.Exit(FAILED) from None


def say(line: str) -> None:
    """One line on standard error."""
    typer.echo(line, err=True)


def switch(name: str, text: str, callback: Any = None, *, is_eager: bool = False) -> Any:
    """A flag without a value, off unless given."""
    return typer.Option(name, help=text, callback=callback, is_eager=is_eager, show_default=False)


def _set_debug(ctx: typer.Context, value: bool) -> bool:
    if value:
        ctx.meta["debug"] = True
    return value


def _show_version(value: bool) -> None:
    if value:
        typer.echo(f"rag {__version__}")
        raise typer.Exit()


Version = Annotated[bool, switch("--version", "Show the version.", _show_version, is_eager=True)]
Corpus = Annotated[Path | None, typer.Option("--corpus", help="Folder of articles.", show_default="corpus")]
Index = Annotated[
    Path | None,
    typer.Option("--index", help="Index folder.", show_default="one per corpus, in the user's data folder"),
]
Debug = Annotated[bool, switch("--debug", "Show the traceback of an error.", _set_debug)]
Json = Annotated[bool, switch("--json", "Print one JSON object.")]
Llm = Annotated[
    str | None,
    typer.Option(
        "--llm", help="What writes the answer: local, extractive or provider:model.", show_default="local"
    ),
]
Passages = Annotated[
    int | None, typer.Option("-k", min=1, max=50, help="How many passages are retrieved.", show_default="5")
]
Since = Annotated[str | None, typer.Option(help="Only articles from this date on: YYYY[-MM[-DD]].")]
Until = Annotated[str | None, typer.Option(help="Only articles up to this date: YYYY[-MM[-DD]].")]
Outlets = Annotated[
    list[str] | None, typer.Option("--outlet", help="Only articles of this outlet; may be repeated.")
]
Sources = Annotated[list[str] | None, typer.Option("--source", help="Only this article; may be repeated.")]


def read_question(text: str) -> str:
    """The question, from standard input for `-`. Bytes that are no UTF-8 become U+FFFD."""
    if text == "-":
        text = sys.stdin.read().removeprefix("\ufeff")
    text = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace").strip()
    if not text:
        raise typer.BadParameter("The question is empty.", param_hint="QUESTION")
    return text


def read_saved(file: Path) -> Any:
    """The JSON of a file, or of standard input for `-`. Raises SavedAnswerError."""
    try:
        return json.loads(sys.stdin.read() if str(file) == "-" else file.read_text("utf-8-sig"))
    except OSError as error:
        raise SavedAnswerError(f"{file} cannot be read: {error.strerror}.", "Check its name.") from error
    except (ValueError, RecursionError) as error:
        raise SavedAnswerError(
            f"{file} is no JSON.", "Save an answer with `rag ask --json … > FILE`."
        ) from error


def read_filters(
    since: str | None, until: str | None, outlets: list[str] | None, sources: list[str] | None
) -> Filters:
    """The filters of the flags; a date that is none is wrong usage."""
    from rag.types import Filters

    for flag, date in (("--since", since), ("--until", until)):
        if date is not None and not is_date(date):
            raise typer.BadParameter(
                f"'{date}' is not a date such as 2023, 2023-12 or 2023-12-26.", param_hint=flag
            )
    return Filters(since=since, until=until, outlets=tuple(outlets or ()), sources=tuple(sources or ()))


def is_date(text: str) -> bool:
    """Whether the text is a date such as 2023, 2023-12 or 2023-12-26."""
    import re
    from datetime import date

    if not re.fullmatch(r"\d{4}(-\d\d){0,2}", text, re.ASCII):
        return False
    try:
        date.fromisoformat((text + "-01-01")[:10])
    except ValueError:
        return False
    return True


def unknown_source(source: str, names: list[str]) -> StoreError:
    """The error for an article that is not in the index; its hint names the most similar ones."""
    from difflib import get_close_matches

    wanted = source.casefold()
    near = [name for name in names if wanted in name.casefold() or name.casefold() in wanted]
    near += [name for name in get_close_matches(wanted, names, n=3, cutoff=0.5) if name not in near]
    hint = f"Did you mean {', '.join(near[:3])}?" if near else "rag list shows the articles of the index."
    return StoreError(f"The index holds no article '{source}'.", hint)


def print_json(data: dict[str, Any]) -> None:
    """One object on standard output, indented for a person, on one line for a program."""
    indent = 2 if sys.stdout.isatty() else None
    sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=indent) + "\n")
