"""The commands that go on serving: `rag web` for people, `rag mcp` for programs."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rag.flags import Corpus, Debug, Index, Llm, Passages, say, switch

if TYPE_CHECKING:
    from rag.assistant import Assistant
    from rag.render import ProgressBars

Opened = Callable[..., AbstractContextManager[tuple["Assistant", "ProgressBars"]]]

Port = Annotated[
    int,
    typer.Option(min=0, max=65535, help="Port on this computer; 0 takes the first free one from 7860 on."),
]
Host = Annotated[
    str, typer.Option(help="Address to serve on; any but this computer's own needs users (--auth).")
]
Auth = Annotated[
    Path | None, typer.Option(help="File of users, who must log in. RAG_USERS can name users as well.")
]
AddUser = Annotated[
    str | None,
    typer.Option("--add-user", help="Add this user to the file of --auth, or change the password; then end."),
]


def add_commands(app: typer.Typer, opened: Opened) -> None:
    """Register both. `opened` takes the settings' flags and gives an assistant."""

    @app.command()
    def web(
        port: Port = 7860,
        host: Host = "127.0.0.1",
        auth: Auth = None,
        add_user: AddUser = None,
        browser: Annotated[bool, switch("--browser", "Open the page in the browser.")] = False,
        llm: Llm = None,
        k: Passages = None,
        corpus: Corpus = None,
        index: Index = None,
        debug: Debug = False,
    ) -> None:
        """Chat on a web page.

        It is served to this computer only. --host serves it to others, who must log in (--auth).

        \b
        Examples:
          rag web --port 8000 --browser
          rag web --auth users.txt --add-user an
          rag web --auth users.txt --host 0.0.0.0
        """
        from rag.web.auth import check_address, read_users

        if add_user is not None:
            _add_user(auth, add_user)
            return
        users = read_users(auth)
        check_address(host, users)
        with opened(corpus=corpus, index=index, llm=llm, passages=k) as (assistant, progress):
            assistant.search("?"), assistant.model  # what is missing is said here, not on the page
            progress.close()
            from rag.web import launch

            launch(assistant, port=port, host=host, users=users, browser=browser)

    @app.command()
    def mcp(
        llm: Llm = None,
        k: Passages = None,
        corpus: Corpus = None,
        index: Index = None,
        debug: Debug = False,
    ) -> None:
        """Serve search and answers to a desktop client (MCP).

        Four tools of the Model Context Protocol, on standard input and output: search, ask, list_articles and
        read_article. The client starts this command itself. It needs the extra `mcp`.

        \b
        Example:
          rag mcp --corpus my-articles
        """
        with opened(corpus=corpus, index=index, llm=llm, passages=k) as (assistant, progress):
            assistant.articles()  # without an index nothing is served; models wait for the first call
            progress.close()
            from rag.mcp import serve

            serve(assistant)


def _add_user(file: Path | None, name: str) -> None:
    """Ask for a password, or read it from standard input, and write the user into the file."""
    from rag.web.auth import add_user

    if file is None:
        raise typer.BadParameter("Name the file of users with --auth.", param_hint="--add-user")
    password: Any
    if sys.stdin.isatty():
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    changed = add_user(file, name, password)
    say(f"{'Changed the password of' if changed else 'Added'} {name} in {file}.")
