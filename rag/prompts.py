"""Load and check the prompt files: one Markdown file a prompt.

Turns stand under `# system`, `# user` or `# assistant`, variables are written `$name`. A file that lacks a
variable, or has one nobody fills, is refused when it is loaded, not when the first question comes. A folder
of one's own may replace single files.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from string import Template

from rag.errors import PromptError

NOT_FOUND = "NOT_FOUND"
"""What the model is told to write when the passages do not hold the answer."""
THOUGHT_ENDS = "</think>"
"""What a reasoning model writes between its thoughts and its answer."""

VARIABLES = {
    "answer": frozenset({"passages", "question"}),
    "standalone": frozenset({"history", "question"}),
    "draft": frozenset({"about", "title", "sentence", "asks"}),
}
_HEADING = re.compile(r"^# (system|user|assistant)\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Prompt:
    """A conversation with gaps, ready to be filled."""

    name: str
    turns: tuple[tuple[str, str], ...]
    """Pairs of role (`system`, `user`, `assistant`) and text; the last text has `$variables`."""
    sha256: str

    def fill(self, **values: str) -> list[tuple[str, str]]:
        """Role and text of each turn. Only the last turn has variables, so the rest stays cached.

        Raises:
            KeyError: a variable was not given.
        """
        *fixed, (role, text) = self.turns
        return [*fixed, (role, Template(text).substitute(values))]


def load_prompt(name: str, folder: Path | None = None) -> Prompt:
    """Read one prompt, from `folder` if it has it, else the built-in one.

    Raises:
        PromptError: the file is missing, has no turns, or its variables are not the expected ones.
    """
    path = _find(name, folder)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise PromptError(f"The prompt {path} cannot be read: {error}.", "Save it as UTF-8.") from error
    before, *parts = _HEADING.split(text)
    turns = tuple((role, turn.strip()) for role, turn in zip(parts[::2], parts[1::2], strict=True))
    if before.strip() or not turns or turns[-1][0] != "user":
        raise PromptError(
            f"The prompt {path} does not begin with a turn such as '# system' or does not end with '# user'.",
            "Compare it with the built-in one.",
        )
    for role, turn in turns:
        if not Template(turn).is_valid():
            raise PromptError(
                f"The prompt {path} has a dollar sign in a '# {role}' turn that begins no variable.",
                "Write a dollar sign as $$.",
            )
    *fixed, (role, last) = turns
    for fixed_role, turn in fixed:
        if Template(turn).get_identifiers():
            raise PromptError(
                f"The prompt {path} has a variable in a '# {fixed_role}' turn before the last.",
                "Only the last turn may change from question to question; write a dollar sign as $$.",
            )
    found, expected = set(Template(last).get_identifiers()), VARIABLES[name]
    if found != expected:
        wrong = ", ".join(f"${v}" for v in sorted(found ^ expected))
        raise PromptError(
            f"The prompt {path} lacks a variable or has an unknown one: {wrong}.",
            f"It needs {', '.join('$' + v for v in sorted(expected))}.",
        )
    finished = [(fixed_role, Template(turn).substitute()) for fixed_role, turn in fixed]
    return Prompt(name, (*finished, (role, last)), hashlib.sha256(text.encode()).hexdigest())


def _find(name: str, folder: Path | None) -> Path:
    if folder and not folder.is_dir():
        raise PromptError(f"There is no prompt folder {folder}.", "Mend RAG_PROMPTS, or leave it out.")
    package = Path(__file__).parent
    places = [folder] if folder else []
    # In a wheel the prompts travel inside the package; in a checkout they lie beside it.
    places += [package / "prompt_files", package.parent / "prompts"]
    for place in places:
        path = place / f"{name}.md"
        if path.is_file():
            return path
    raise PromptError(f"The prompt {name}.md was not found.", "Reinstall the package.")
