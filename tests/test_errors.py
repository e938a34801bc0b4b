"""Every error belongs to one tree and tells the user what to do."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

import pytest

from rag import errors
from rag.errors import RagError

WITHOUT_HINT = {
    # Why a file is skipped is a reason; there is nothing to do about a damaged file.
    "ArticleError": None,
    # Caught by the module itself: the reader sees one honest line under the answer.
    "EngineError": "answer.py",
}
CLASSES = {name: each for name, each in vars(errors).items() if inspect.isclass(each)}
PACKAGE = Path(errors.__file__).parent


def test_the_tree_in_the_docstring_is_the_tree_in_the_code() -> None:
    drawn: dict[str, str | None] = {}
    path: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        match = re.match(r"([│├└─ ]*)(\w+)", line)
        if match and match[2] in CLASSES:
            depth = len(match[1]) // 4
            path = [*path[:depth], match[2]]
            drawn[match[2]] = path[depth - 1] if depth else None
    real = {name: each.__base__.__name__ if each is not RagError else None for name, each in CLASSES.items()}
    assert drawn == real


@pytest.mark.parametrize("kind", CLASSES.values())
def test_every_error_can_be_caught_as_one_and_shows_its_hint(kind: type[RagError]) -> None:
    error = kind("It is broken.", "Mend it.")
    assert isinstance(error, RagError)
    assert str(error) == "It is broken. Mend it."
    assert str(kind("It is broken.")) == "It is broken."


def test_the_library_raises_no_error_without_a_hint() -> None:
    bare = []
    for path in sorted(PACKAGE.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in CLASSES
                and WITHOUT_HINT.get(node.func.id, "") not in (None, path.name)
                and len(node.args) + len(node.keywords) < 2
            ):
                bare.append(f"{path.name}:{node.lineno}")
    assert not bare
