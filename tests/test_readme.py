"""The README stays true: it names every command, setting and file, and only make targets that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer.main

from rag.cli import app
from rag.settings import Settings

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
COMMANDS = sorted(typer.main.get_command(app).commands)  # type: ignore[attr-defined]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_in_the_readme(command: str) -> None:
    assert f"rag {command}" in README


def test_every_command_of_the_readme_exists() -> None:
    named = set(re.findall(r"^\s*rag (\w+)", README, re.MULTILINE)) | set(re.findall(r"`rag (\w+)", README))
    assert named <= set(COMMANDS)


def test_every_make_target_of_the_readme_exists() -> None:
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(re.findall(r"make ([\w-]+)", README)) <= targets


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_stands_with_its_default(name: str) -> None:
    rows = re.findall(rf"^\|[^|]*`{name}`[^|]*\|([^|]*)\|", README.partition("## Settings")[2], re.MULTILINE)
    default = Settings.model_fields[name].default
    told = {"index": "one per corpus", "cache": "user's cache folder"}.get(name)
    assert rows
    assert (
        told or (str(default).removesuffix(".0").lower() if default not in (None, "") else "none")
    ) in rows[0]


def test_every_setting_of_the_readme_exists() -> None:
    named = set(re.findall(r"RAG_([A-Z_]+)", README)) - {"USERS"}
    assert {name.lower() for name in named} <= set(Settings.model_fields)


@pytest.mark.parametrize("folder", ["rag", "rag/web", "eval"])
def test_every_file_has_its_line(folder: str) -> None:
    for path in (ROOT / folder).glob("*.py"):
        if not path.name.startswith("__"):
            assert f"`{path.name}`" in README, f"{folder}/{path.name}"
