"""What `rag` promises on the command line: contracts, exit codes, one clear line for every error."""

import json
import os
import re
import subprocess
import sys
import types
from pathlib import Path

import pytest
from fake_assistant import ARTICLES, QUOTE, TEXT, FakeAssistant
from typer.testing import CliRunner

import rag.cli
import rag.opening
from rag.errors import IndexMissing, RagError, StoreError
from rag.flags import unknown_source
from rag.settings import Settings
from rag.types import Filters


@pytest.fixture(autouse=True)
def own_folders(tmp_path, monkeypatch):
    """No test touches the user's cache, or is swayed by the user's settings."""
    for name in [name for name in os.environ if name.startswith("RAG_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("RAG_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("RAG_INDEX", str(tmp_path / "index"))
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def opened(monkeypatch):
    """The settings with which the command opened its assistant, and that assistant."""
    seen = {}

    def open_assistant(settings, progress):
        seen["settings"], seen["assistant"] = settings, FakeAssistant()
        return seen["assistant"]

    monkeypatch.setattr(rag.opening, "open_assistant", open_assistant)
    return seen


def run(*args, **kwargs):
    return CliRunner().invoke(rag.cli.app, list(args), **kwargs)


# --- help, version, usage


def test_every_command_has_help_with_an_example():
    names = [command.name or command.callback.__name__ for command in rag.cli.app.registered_commands]
    assert set(names) == set("index ask search check show list chat web mcp doctor eval".split())
    for name in set(names) - {"eval"}:
        result = run(name, "--help")
        assert result.exit_code == 0, result.output
        assert f"  rag {name}" in result.stdout
        assert "--corpus" in result.stdout
        assert "--index" in result.stdout
        assert "--debug" in result.stdout


def test_defaults_in_help_are_those_of_the_settings():
    text = run("ask", "--help").stdout
    for flag, field in (("--llm", "llm"), ("-k", "passages"), ("--corpus", "corpus")):
        shown = re.search(rf"{flag} .*?\[default: \((.*?)\)", text, re.DOTALL)
        assert shown, text
        assert shown[1] == str(Settings.model_fields[field].default)


def test_version_and_its_exit_code():
    result = run("--version")
    assert (result.exit_code, result.stdout) == (0, f"rag {rag.__version__}\n")


@pytest.mark.parametrize(
    "args",
    [
        ["nosuchcommand"],
        ["ask"],
        ["ask", ""],
        ["ask", "   "],
        ["ask", "q", "-k", "0"],
        ["ask", "q", "--since", "26/12/2023"],
        ["ask", "q", "--until", "2023-13"],
        ["ask", "q", "--json", "--markdown"],
        ["search", "\n"],
        ["index", "a", "--corpus", "b"],
        ["web", "--port", "99999"],
    ],
)
def test_wrong_usage_is_exit_code_2(opened, args):
    result = run(*args)
    assert result.exit_code == 2, result.output
    assert result.stderr
    assert result.stdout == ""
    assert not opened


def test_an_empty_question_on_standard_input_is_wrong_usage(opened):
    assert run("ask", "-", input="  \n").exit_code == 2


def test_help_imports_nothing_heavy():
    heavy = "rich pydantic pydantic_settings numpy torch gradio chromadb langchain_core jinja2 rag.settings"
    code = f"import sys, rag.cli; print([name for name in {heavy.split()} if name in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


# --- ask


def test_ask_json_is_one_object_as_the_contract_says(opened):
    result = run("ask", "Ai chủ trì hội nghị?", "--json")
    assert result.exit_code == 0
    answer = json.loads(result.stdout)
    contract = (
        "question standalone_question language status answer sentences citations retrieved engine timings_ms"
    )
    assert set(contract.split()) <= set(answer)
    citation = answer["citations"][0]
    assert TEXT[citation["start"] : citation["end"]] == citation["quote"]
    assert result.stdout.count("\n") == 1
    assert "chủ trì" in result.stdout
    assert opened["assistant"].closed


def test_ask_shows_answer_and_sources(opened):
    result = run("ask", "Ai chủ trì hội nghị?")
    assert result.exit_code == 0
    assert "Ông Võ Trọng Hải chủ trì hội nghị [1]." in result.stdout
    assert QUOTE in result.stdout
    assert "2023-12-26-ha-tinh.md" in result.stdout
    assert "nói bừa" not in result.stdout


def test_ask_not_found_is_exit_code_3_with_the_nearest_passages(opened):
    for flags in ([], ["--json"], ["--markdown"]):
        assert run("ask", "missing?", *flags).exit_code == 3
    assert "Nearest passages" in run("ask", "missing?").stdout


def test_ask_reads_the_question_from_standard_input(opened):
    run("ask", "-", input="\ufeff Ai chủ trì hội nghị? \n")
    assert opened["assistant"].asked[0][0] == "Ai chủ trì hội nghị?"


def test_flags_reach_settings_and_filters(opened):
    flags = (
        "--llm extractive -k 7 --since 2023 --until 2023-12-31 --outlet A --outlet B --source c.md --corpus x"
    )
    assert run("ask", "q", *flags.split()).exit_code == 0
    settings = opened["settings"]
    assert (settings.llm, settings.passages, settings.corpus) == ("extractive", 7, Path("x"))
    assert opened["assistant"].asked[0][2] == Filters("2023", "2023-12-31", ("A", "B"), ("c.md",))


def test_markdown_is_footnoted(opened):
    text = run("ask", "q", "--markdown").stdout
    assert "[^1]" in text
    assert "\n[^1]: " in text


# --- search, show, list, index


def test_search_json_holds_passages_as_retrieved(opened):
    found = json.loads(run("search", "hội nghị", "--json", "-k", "2").stdout)
    assert found["question"] == "hội nghị"
    assert {"source", "start", "end", "score", "dense", "lexical", "text"} <= set(found["passages"][0])
    assert "explain" not in found["passages"][0]
    assert opened["assistant"].searched == [("hội nghị", 2, Filters(), False)]


def test_search_takes_its_k_from_the_settings(opened, monkeypatch):
    monkeypatch.setenv("RAG_PASSAGES", "9")
    run("search", "hội nghị")
    assert opened["assistant"].searched[0][1] == 9


def test_search_shows_scores_and_marks_words(opened):
    text = run("search", "hội nghị", "--explain").stdout
    assert "score 0.910  dense 0.880  lexical 0.950" in text
    assert "**chủ trì hội nghị**" in text
    assert "coverage=0.750" in text
    assert "coverage" not in run("search", "hội nghị").stdout


def test_check_tells_what_became_of_a_saved_answer(opened, tmp_path, monkeypatch):
    saved = tmp_path / "answer.json"
    saved.write_text(run("ask", "Ai chủ trì hội nghị?", "--json").stdout, "utf-8")
    result = run("check", str(saved))
    assert (result.exit_code, result.stdout) == (
        0,
        "[1] 2023-12-26-ha-tinh.md: Nguồn vẫn giữ nguyên câu này.\n",
    )
    monkeypatch.setattr(FakeAssistant, "articles", lambda self: [])
    result = run("check", "-", "--json", input=saved.read_text("utf-8"))
    assert result.exit_code == 3
    assert json.loads(result.stdout)["citations"][0]["state"] == "gone"


@pytest.mark.parametrize(("text", "message"), [("{", "is no JSON"), ("[]", "no saved answer")])
def test_check_of_something_else_is_one_clear_line(opened, text, message):
    result = run("check", "-", input=text)
    assert result.exit_code == 1
    assert message in result.stderr
    assert "--json" in result.stderr
    assert "cannot be read" in run("check", "nowhere.json").stderr


def test_show_prints_the_stored_text_exactly(opened):
    for article in ARTICLES:
        assert run("show", article.source).stdout_bytes == article.text.encode()
    assert json.loads(run("show", ARTICLES[0].source, "--json").stdout)["text"] == TEXT


def test_show_of_an_unknown_source_names_the_nearest(opened):
    result = run("show", "ha-tinh")
    assert result.exit_code == 1
    assert result.stderr == (
        "Error: The index holds no article 'ha-tinh'.\nHint: Did you mean 2023-12-26-ha-tinh.md?\n"
    )


def test_show_keeps_other_errors_of_the_store(opened, monkeypatch):
    def missing(self, source):
        raise IndexMissing("There is no index.", "Run it.")

    monkeypatch.setattr(FakeAssistant, "article", missing)
    assert "There is no index." in run("show", "ha-tinh").stderr


def test_nearest_names():
    names = ["2023-12-26-ha-tinh.md", "2022-09-08-dong-nai.md"]
    assert "2023-12-26-ha-tinh.md?" in unknown_source("corpus/2023-12-26-ha-tinh.md", names).hint
    assert unknown_source("2022-09-08-dongnai.md", names).hint.startswith(
        "Did you mean 2022-09-08-dong-nai.md"
    )
    assert "rag list" in unknown_source("zzz", names).hint
    assert isinstance(unknown_source("zzz", []), StoreError)


def test_list_shows_every_article(opened):
    text = run("list").stdout
    for article in ARTICLES:
        assert article.source in text
    rows = json.loads(run("list", "--json").stdout)["articles"]
    assert rows[1] == {
        "source": "2022-09-08-dong-nai.md",
        "title": "Sơ kết ở Đồng Nai",
        "published": "2022-09",
        "outlet": "Báo Đồng Nai",
        "author": "",
        "url": "",
        "chunks": 2,
    }


def test_index_json_on_standard_output_progress_on_standard_error(opened):
    result = run("index", "articles", "--json", "--rebuild")
    report = json.loads(result.stdout)
    assert report["skipped"] == [{"source": "b.xyz", "reason": "unsupported type"}]
    assert result.stderr == "reading\nembedding\n"
    assert opened["settings"].corpus == Path("articles")
    assert opened["assistant"].rebuilt == [True]


def test_index_names_every_skipped_file(opened):
    result = run("index")
    assert "skipped b.xyz: unsupported type" in result.stderr
    assert "3 articles in 4 chunks: 2 added, 1 updated, 0 removed, 0 unchanged, 1 skipped" in result.stdout


# --- errors


def test_an_error_is_one_line_and_a_hint(opened):
    result = run("ask", "broken?", "--json")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr == "Error: The language model failed.\nHint: Try --llm extractive.\n"
    assert opened["assistant"].closed


@pytest.mark.parametrize("args", [["--debug", "ask", "broken?"], ["ask", "broken?", "--debug"]])
def test_a_traceback_only_with_debug(opened, args):
    assert "Traceback" in run(*args).stderr
    assert "Traceback" not in run("ask", "broken?").stderr


def test_a_missing_index_says_which_command_makes_one(opened):
    result = run("ask", "no index?")
    assert result.exit_code == 1
    assert "rag index" in result.stderr


def test_a_bug_is_no_traceback_either(opened):
    result = run("ask", "bug?")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: Unexpected ZeroDivisionError: division by zero\nHint: ")


def test_a_bad_setting_is_one_line(monkeypatch):
    monkeypatch.setenv("RAG_PASSAGES", "many")
    result = run("ask", "q")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: The setting 'passages' cannot be used")


def test_ctrl_c_is_exit_code_130_and_a_quiet_line(opened):
    result = run("ask", "stop?")
    assert (result.exit_code, result.stderr) == (130, "Stopped.\n")
    assert opened["assistant"].closed


# --- chat


def test_chat_follows_up_and_shows_sources(opened):
    lines = "/sources\nAi chủ trì?\nỞ đâu?\n/sources\n/clear\nKhi nào?\n/nothing\n/help\n/quit\nnever asked\n"
    result = run("chat", input=lines)
    assert result.exit_code == 0, result.output
    asked = opened["assistant"].asked
    assert [question for question, _, _ in asked] == ["Ai chủ trì?", "Ở đâu?", "Khi nào?"]
    assert [len(history) for _, history, _ in asked] == [0, 1, 0]
    assert asked[1][1][0].question == "Ai chủ trì?"
    for shown in ("No answer yet.", "Retrieved", "Forgotten.", "There is no /nothing", "/clear"):
        assert shown in result.stdout


def test_chat_survives_an_error_and_a_stopped_answer(opened):
    result = run("chat", input="broken?\nstop?\nAi chủ trì?\n")
    assert result.exit_code == 0
    assert "Error: The language model failed." in result.stderr
    assert "Stopped." in result.stderr
    assert "Võ Trọng Hải" in result.stdout
    assert opened["assistant"].asked[-1][1] == ()


# --- eval


def test_eval_passes_all_arguments_through(tmp_path, monkeypatch):
    package = tmp_path / "eval"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "cli.py").write_text("def app(args, prog_name):\n    print(prog_name, args)\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)
    done = subprocess.run(
        [sys.executable, "-m", "rag", "eval", "run", "--help", "-k", "3", "--json"],
        capture_output=True,
        text=True,
    )
    assert done.stdout == "rag eval ['run', '--help', '-k', '3', '--json']\n", done.stderr


def test_eval_knows_debug_too(monkeypatch):
    def fail(args, prog_name):
        raise RagError("No questions.", "Write some.")

    monkeypatch.setitem(sys.modules, "eval.cli", types.SimpleNamespace(app=fail))
    assert run("eval", "run").stderr == "Error: No questions.\nHint: Write some.\n"
    assert "Traceback" in run("eval", "run", "--debug").stderr


def test_eval_of_an_installed_package_says_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "eval", None)
    monkeypatch.delitem(sys.modules, "eval.cli", raising=False)
    result = run("eval", "run")
    assert result.exit_code == 1
    assert "checkout" in result.stderr
