"""Load and check the prompt files: one Markdown file a prompt, turns under `# system`, `# user`, `# assistant`.

Variables are written `$name`. A file that lacks a variable, or has one nobody fills, is refused when
it is loaded, not when the first question comes. A folder of one's own may replace single files.
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

VARIABLES = {
    "answer": frozenset({"passages", "question"}),
    "standalone": frozenset({"history", "question"}),
}
_HEADING = re.compile(r"^# (system|user|assistant)\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Prompt:
    """A conversation with gaps, ready to be filled."""

    name: str
    turns: tuple[tuple[str, str], ...]
    """Pairs of role (`system`, `user`, `assistant`) and text with `$variables`."""
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
    text = path.read_text(encoding="utf-8")
    parts = _HEADING.split(text)
    turns = tuple((parts[i], parts[i + 1].strip()) for i in range(1, len(parts), 2))
    if not turns or turns[-1][0] != "user":
        raise PromptError(
            f"The prompt {path.name} has no turns, or does not end with '# user'.",
            "Compare it with the built-in one.",
        )
    for role, fixed in turns[:-1]:
        if Template(fixed).get_identifiers():
            raise PromptError(
                f"The prompt {path.name} has a variable in a '# {role}' turn before the last.",
                "Only the last turn may change from question to question; write a dollar sign as $$.",
            )
    found, expected = set(Template(turns[-1][1]).get_identifiers()), VARIABLES[name]
    if found != expected:
        wrong = ", ".join(f"${v}" for v in sorted(found ^ expected))
        raise PromptError(
            f"The prompt {path.name} lacks a variable or has an unknown one: {wrong}.",
            f"It needs {', '.join('$' + v for v in sorted(expected))}.",
        )
    return Prompt(name, turns, hashlib.sha256(text.encode()).hexdigest())


def _find(name: str, folder: Path | None) -> Path:
    package = Path(__file__).parent
    places = [folder] if folder else []
    # In a wheel the prompts travel inside the package; in a checkout they lie beside it.
    places += [package / "prompt_files", package.parent / "prompts"]
    for place in places:
        path = place / f"{name}.md"
        if path.is_file():
            return path
    raise PromptError(f"The prompt {name}.md was not found.", "Reinstall the package.")
