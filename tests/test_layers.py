"""The house has floors, and no import runs back up."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import rag

PACKAGE = Path(rag.__file__).parent
MODULES = sorted(
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__")
    for path in PACKAGE.rglob("*.py")
    if path != PACKAGE / "__init__.py"
)

FLOORS = [
    ["errors", "types"],
    # Pure text and arithmetic.
    ["sentences", "vietnamese", "fusion", "metadata"],
    ["hostile"],
    [
        "abbreviations",
        "dates",
        "glossary",
        "restore",
        "decode",
        "front_matter",
        "boilerplate",
        "asking",
        "request",
    ],
    ["mentions", "figures", "negation"],
    ["offices"],
    ["coreference", "translated", "spread"],
    # What the rest is built with.
    ["settings", "prompts", "deadline", "e5", "cache", "phrases", "evidence", "calibration", "excerpt"],
    ["suggest", "wording"],
    ["models", "articles", "chunks", "lexical", "manifest"],
    ["encoder", "contradiction"],
    ["fellows", "counted"],
    ["embed", "llm", "store", "question", "verify", "durable", "stream", "annotations", "reader_network"],
    # One document into the index, one question to its passages, passages to an answer.
    ["publish", "candidates", "reader", "citations", "followup", "corpus", "relevance", "compound"],
    ["ingest", "select", "rerank", "reading", "fitting", "garbage"],
    ["extract", "disagreement", "combine", "support", "overview"],
    ["writing"],
    ["answer"],
    ["retrieve"],
    ["assistant"],
    # The faces.
    ["flags", "render"],
    ["opening"],
    ["doctor", "markup", "chat", "contract"],
    [
        "web.texts",
        "web.corpus_texts",
        "web.evaluation_texts",
        "web.history",
        "web.auth",
        "web.feedback",
        "web.options",
        "web.examples",
    ],
    ["web.chat", "web.fragments", "web.export"],
    ["web.map", "web.timeline", "web.evaluation", "web.service"],
    ["web.corpus", "web.routes", "web.api"],
    ["web.shell", "web.corpus_routes"],
    ["web.security"],
    ["web.page"],
    ["web", "mcp"],
    ["servers"],
    ["cli"],
    ["__main__"],
]
FLOOR = {module: number for number, floor in enumerate(FLOORS) for module in floor}

HEAVY = {
    "bm25s",
    "chromadb",
    "dateparser",
    "docx",
    "gradio",
    "jinja2",
    "langchain",
    "mcp",
    "openvino",
    "openvino_genai",
    "pypdf",
    "rich",
    "safetensors",
    "sentence_transformers",
    "tokenizers",
    "torch",
    "trafilatura",
    "transformers",
    "yaml",
}
"""Imported only inside the function that needs them."""

WRAPPED = {
    "bm25s": {"lexical"},
    "chromadb": {"store"},
    "docx": {"articles"},
    "gradio": {"web.page"},
    "langchain": {"llm"},
    "mcp": {"mcp"},
    "pypdf": {"articles"},
    "sentence_transformers": {"embed", "rerank"},
    "torch": {"reader_network"},
    "trafilatura": {"articles"},
    "transformers": {"embed"},
    "huggingface_hub": {"embed"},
    # Through `models.import_openvino` only, which keeps them from reporting to their makers.
    "openvino": set(),
    "openvino_genai": set(),
}
"""The only modules that may know of a library."""


def imports(module: str, *, at_import_time: bool = False) -> Iterator[str]:
    """Full names of what a module imports; `rag.x` for `from rag import x`."""

    def walk(node: ast.AST) -> Iterator[ast.AST]:
        for child in ast.iter_child_nodes(node):
            if at_import_time and isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                continue
            if at_import_time and isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
                continue
            yield child
            yield from walk(child)

    for node in walk(ast.parse(file_of(module).read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} has a relative import, which this test cannot follow"
            if node.module and node.module.split(".")[0] == "rag":
                yield from (f"{node.module}.{alias.name}" for alias in node.names)
            elif node.module:
                yield node.module


def file_of(module: str) -> Path:
    """Where a module, or a package's own code, is written."""
    path = PACKAGE.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def module_of(name: str) -> str:
    """The module of ours that an imported name belongs to; empty for the package itself."""
    parts = name.split(".")[1:]
    while parts and ".".join(parts) not in MODULES:
        parts.pop()
    return ".".join(parts)


def test_every_module_lives_on_a_floor() -> None:
    assert not set(MODULES) - set(FLOOR), "a module is new: give it a place in FLOORS"


@pytest.mark.parametrize("module", MODULES)
def test_a_module_stands_only_on_lower_floors(module: str) -> None:
    used = {module_of(name) for name in imports(module) if name.startswith("rag.")} - {""}
    upwards = {each for each in used if FLOOR.get(each, 0) >= FLOOR[module]}
    assert not upwards


@pytest.mark.parametrize("module", MODULES)
def test_heavy_libraries_are_imported_when_they_are_needed(module: str) -> None:
    loaded = {name.split(".")[0] for name in imports(module, at_import_time=True)}
    assert not loaded & HEAVY


@pytest.mark.parametrize("module", MODULES)
def test_a_library_is_known_to_the_module_that_wraps_it_alone(module: str) -> None:
    used = {name.split(".")[0] for name in imports(module)}
    assert not {library for library in used & set(WRAPPED) if module not in WRAPPED[library]}


@pytest.mark.parametrize("module", MODULES)
def test_the_library_never_imports_its_evaluation(module: str) -> None:
    assert not any(name.split(".")[0] == "eval" for name in imports(module))
    if module != "cli":
        assert "import_module" not in file_of(module).read_text("utf-8") or module == "models"


def loaded_by(code: str) -> set[str]:
    """Top-level packages that a fresh interpreter has imported after some code."""
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
        cwd=PACKAGE.parent,
    )
    return {name.split(".")[0] for name in done.stdout.splitlines()[-1].split()}


def test_the_help_is_there_in_a_blink() -> None:
    loaded = loaded_by(
        "import sys; sys.argv = ['rag', '--help']\n"
        "from rag.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass"
    )
    assert not loaded & (
        HEAVY - {"rich"} | {"numpy", "pydantic", "langchain_core", "sqlite3", "huggingface_hub"}
    )


def test_searching_does_not_wait_for_what_only_answering_needs() -> None:
    loaded = loaded_by("import rag.assistant, rag.ingest, rag.retrieve, rag.embed, rag.store, rag.doctor")
    assert not loaded & (HEAVY | {"langchain_core"})
