"""The `rag` command: a thin face over `rag.assistant`.

Results go to standard output; progress, warnings and errors go to standard error.
Exit codes: 0 done, 1 error, 2 wrong usage, 3 no answer in the corpus, 130 stopped by Ctrl-C,
141 the reader of our output went away.

Only typer is imported here at the top: `rag --help` must answer in a blink.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rag import __version__
from rag.errors import RagError, StoreError
from rag.flags import (
    FAILED,
    NOT_FOUND,
    Commands,
    Corpus,
    Debug,
    Index,
    Json,
    Llm,
    Outlets,
    Passages,
    Since,
    Sources,
    Until,
    Version,
    print_json,
    read_filters,
    read_question,
    read_saved,
    say,
    switch,
    unknown_source,
)
from rag.opening import opened, opened_for, settings_of
from rag.servers import add_commands

if TYPE_CHECKING:
    pass

app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    rich_markup_mode=None,  # plain help takes half the time of decorated help
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


@app.callback()
def rag(
    version: Version = False,
    debug: Debug = False,
) -> None:
    """Ask questions about a folder of articles; every answer cites the words it stands on.

    \b
    Examples:
      rag index my-articles
      rag ask --corpus my-articles "Who chaired the Hà Tĩnh 2023 review?"
      rag chat
      rag doctor

    Settings are read from rag.toml in this folder, then from RAG_* variables, then from flags; the last wins.

    Exit codes: 0 done, 1 error, 2 wrong usage, 3 no answer in the corpus.
    """


@app.command()
def index(
    path: Annotated[Path | None, typer.Argument(help="Folder of articles; the same as --corpus.")] = None,
    rebuild: Annotated[
        bool, switch("--rebuild", "Read every file anew; vectors computed before are used again.")
    ] = False,
    as_json: Json = False,
    corpus: Corpus = None,
    index: Index = None,
    debug: Debug = False,
) -> None:
    """Read a folder of articles into the index.

    Only what changed is embedded again; what is gone from the folder goes from the index. Files that cannot
    be read are named with the reason. Sentences that give orders to the assistant are not indexed, and the
    articles that hold them are named.

    \b
    Examples:
      rag index
      rag index my-articles --json
    """
    if path and corpus and path != corpus:
        raise typer.BadParameter("Give the folder once: as PATH or with --corpus.", param_hint="PATH")
    settings = settings_of(corpus=path or corpus, index=index)
    with opened(settings) as (assistant, progress):
        report = assistant.index(progress=progress, rebuild=rebuild)
    if as_json:
        print_json(report.to_dict())
        return
    for skipped in report.skipped:
        say(f"skipped {skipped.source}: {skipped.reason}")
    for source, count in report.withheld.items():
        say(f"note {source}: left out {count} sentence{'s' * (count > 1)} with orders to the assistant")
    typer.echo(
        f"{report.articles} articles in {report.chunks} chunks: {report.added} added, "
        f"{report.updated} updated, {report.removed} removed, {report.unchanged} unchanged, "
        f"{len(report.skipped)} skipped; {report.seconds:.1f} s."
    )


@app.command()
def ask(
    question: Annotated[
        str, typer.Argument(help="The question, or - to read it from standard input.", show_default=False)
    ],
    as_json: Json = False,
    markdown: Annotated[bool, switch("--markdown", "Print Markdown with footnotes.")] = False,
    llm: Llm = None,
    k: Passages = None,
    since: Since = None,
    until: Until = None,
    outlet: Outlets = None,
    source: Sources = None,
    corpus: Corpus = None,
    index: Index = None,
    debug: Debug = False,
) -> None:
    """Answer a question, with its sources.

    Exit code 3: the articles do not say.

    \b
    Examples:
      rag ask "Ai chủ trì hội nghị ở Hà Tĩnh?"
      rag ask --since 2023 --outlet "Báo Hà Tĩnh" --json "Who chaired the review?"
      echo "Ai chủ trì hội nghị?" | rag ask -
    """
    if as_json and markdown:
        raise typer.BadParameter("Choose one of --json and --markdown.", param_hint="--markdown")
    question, filters = read_question(question), read_filters(since, until, outlet, source)
    settings = settings_of(corpus=corpus, index=index, llm=llm, passages=k)
    from rag.chat import answered

    with opened(settings) as (assistant, progress):
        stream = sys.stdout.isatty() and not (as_json or markdown)
        answer = answered(assistant, progress, question, filters=filters, stream=stream)
    if as_json:
        print_json(answer.to_dict())
    elif markdown:
        from rag.markup import footnoted_markdown

        sys.stdout.write(footnoted_markdown(answer))
    else:
        from rag.render import answer_view, write_view

        write_view(answer_view(answer, plain=not sys.stdout.isatty()), sys.stdout)
    if answer.status == "not_found":
        raise typer.Exit(NOT_FOUND)


@app.command()
def search(
    question: Annotated[
        str, typer.Argument(help="What to look for, or - to read it from standard input.", show_default=False)
    ],
    as_json: Json = False,
    k: Passages = None,
    explain: Annotated[bool, switch("--explain", "Say why each passage ranks where it does.")] = False,
    since: Since = None,
    until: Until = None,
    outlet: Outlets = None,
    source: Sources = None,
    corpus: Corpus = None,
    index: Index = None,
    debug: Debug = False,
) -> None:
    """Show the best passages for a question.

    The language model is not asked.

    \b
    Examples:
      rag search "nông thôn mới Hà Tĩnh"
      rag search -k 10 --explain --json "nong thon moi"
    """
    question, filters = read_question(question), read_filters(since, until, outlet, source)
    settings = settings_of(corpus=corpus, index=index, passages=k)
    with opened(settings) as (assistant, _):
        result = assistant.search(question, settings.passages, filters, explain)
    if as_json:
        more = {"language": result.language, "confidence": round(result.confidence, 4)} if explain else {}
        print_json(result.to_dict() | more)
        return
    from rag.render import search_view, write_view

    write_view(search_view(result, explain=explain, plain=not sys.stdout.isatty()), sys.stdout)


@app.command()
def check(
    answer: Annotated[
        Path, typer.Argument(help="A file that `rag ask --json` wrote, or -.", show_default=False)
    ],
    as_json: Json = False,
    corpus: Corpus = None,
    index: Index = None,
    debug: Debug = False,
) -> None:
    """Say whether the sources still hold what a saved answer cites.

    Exit code 3: a quote no longer stands in its source.

    \b
    Examples:
      rag ask --json "Ai chủ trì hội nghị?" > answer.json
      rag check answer.json
    """
    from rag.decode import harmless
    from rag.durable import check

    saved = read_saved(answer)
    with opened(settings_of(corpus=corpus, index=index)) as (assistant, _):
        articles = {article.source: article for article in assistant.articles()}
    standings = check(saved, articles.get)
    if as_json:
        print_json({"citations": [standing.to_dict() for standing in standings]})
    else:
        for each in standings:
            typer.echo(harmless(f"[{each.n}] {each.source}: {each.words}"))
    if any(standing.state in ("changed", "gone") for standing in standings):
        raise typer.Exit(NOT_FOUND)


@app.command()
def show(
    source: Annotated[
        str, typer.Argument(help="The article's file, as citations name it.", show_default=False)
    ],
    as_json: Json = False,
    corpus: Corpus = None,
    index: Index = None,
    debug: Debug = False,
) -> None:
    """Print the stored text of one article.

    The offsets of citations count its characters.

    \b
    Examples:
      rag show 2023-12-26-ha-tinh.md
      rag show 2023-12-26-ha-tinh.md --json
    """
    with opened(settings_of(corpus=corpus, index=index)) as (assistant, _):
        try:
            article = assistant.article(source)
        except StoreError as error:
            names = [article.source for article in assistant.articles()]
            if type(error) is not StoreError or source in names:
                raise
            raise unknown_source(source, names) from error
    if as_json:
        from dataclasses import asdict

        print_json(asdict(article))
    elif sys.stdout.isatty():
        from rag.decode import harmless

        typer.echo(harmless(article.text))
    else:
        sys.stdout.write(article.text)


@app.command("list")
def list_articles(
    as_json: Json = False, corpus: Corpus = None, index: Index = None, debug: Debug = False
) -> None:
    """List the articles of the index.

    \b
    Example:
      rag list --json
    """
    with opened(settings_of(corpus=corpus, index=index)) as (assistant, _):
        articles, chunks = assistant.articles(), assistant.chunk_counts()
    if as_json:
        fields = ("source", "title", "published", "outlet", "author", "url")
        rows = [{name: getattr(article, name) for name in fields} for article in articles]
        print_json({"articles": [row | {"chunks": chunks[row["source"]]} for row in rows]})
        return
    from rag.render import articles_view, write_view

    write_view(articles_view(articles, chunks), sys.stdout)


@app.command()
def chat(
    llm: Llm = None,
    k: Passages = None,
    since: Since = None,
    until: Until = None,
    outlet: Outlets = None,
    source: Sources = None,
    corpus: Corpus = None,
    index: Index = None,
    debug: Debug = False,
) -> None:
    """Ask question after question, with follow-ups.

    A follow-up may refer to what was said before. /help says what else can be typed.

    \b
    Example:
      rag chat --source 2023-12-26-ha-tinh.md
    """
    filters = read_filters(since, until, outlet, source)
    settings = settings_of(corpus=corpus, index=index, llm=llm, passages=k)
    from rag.chat import Chat

    with opened(settings) as (assistant, progress):
        Chat(assistant, progress, filters, history_file=settings.cache / "chat-history").run()


add_commands(app, opened_for)


@app.command()
def doctor(
    as_json: Json = False, llm: Llm = None, corpus: Corpus = None, index: Index = None, debug: Debug = False
) -> None:
    """Check the installation, and say how to mend it.

    Exit code 1: something essential is missing.

    \b
    Example:
      rag doctor --llm extractive
    """
    from rag.doctor import as_text, examine

    checks = examine(settings_of(corpus=corpus, index=index, llm=llm))
    healthy = not any(check.status == "missing" for check in checks)
    if as_json:
        from dataclasses import asdict

        print_json({"ok": healthy, "version": __version__, "checks": [asdict(check) for check in checks]})
    else:
        typer.echo(as_text(checks))
    if not healthy:
        raise typer.Exit(FAILED)


@app.command(
    "eval",
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    add_help_option=False,
)
def evaluate(ctx: typer.Context) -> None:
    """Measure the assistant on question files."""
    import importlib

    try:
        evaluation = importlib.import_module("eval.cli")
    except ModuleNotFoundError as error:
        if error.name not in ("eval", "eval.cli"):
            raise
        raise RagError(
            "The evaluation is not part of the installed package.",
            "Run it in a checkout of the project: pip install -e . && rag eval --help",
        ) from None
    ctx.meta["debug"] = ctx.meta.get("debug") or "--debug" in ctx.args
    evaluation.app(args=ctx.args, prog_name="rag eval")


def main() -> None:
    """Entry point of the `rag` command."""
    app(prog_name="rag")
