"""Put Vietnamese or English words into Indonesian examples (code-switching, as in CoSDA-ML, Qin et al. 2020).

Indonesian builds its sentences much like Vietnamese, so that a word-for-word change reads almost like it.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path

from eval.reader.data import Example

VI, EN = 0, 1


class Switcher:
    """Changes examples; the answer keeps its own words, moved to where it then stands."""

    def __init__(self, path: Path) -> None:
        self.words: dict[str, tuple[str, str]] = {}
        for line in path.read_text(encoding="utf-8").splitlines():
            if " = " in line and not line.startswith("#"):
                source, vietnamese, english = (part.strip() for part in line.split(" = "))
                self.words[source] = (vietnamese, english)
        longest_first = sorted(self.words, key=len, reverse=True)
        self.pattern = re.compile(r"\b(" + "|".join(map(re.escape, longest_first)) + r")\b", re.IGNORECASE)

    def switch(self, text: str, side: int, share: float, rng: random.Random) -> str:
        """`text` with about `share` of its known words changed."""

        def change(match: re.Match[str]) -> str:
            word = match[0]
            if rng.random() > share:
                return word
            new = self.words[word.lower()][side]
            return new[:1].upper() + new[1:] if word[0].isupper() else new

        return self.pattern.sub(change, text)

    def __call__(self, example: Example, rng: random.Random) -> Example:
        """One in five stays as it is; else the question is changed, and mostly the paragraph too."""
        kind = rng.random()
        if kind < 0.2:
            return example
        asked = VI if kind < 0.7 else EN
        question = self.switch(example.question, asked, 0.95, rng)
        if rng.random() < 0.15:
            return Example(question, example.context, example.answer, example.start, example.group)
        read: Callable[[str], str] = lambda text: self.switch(text, VI, 0.9, rng)  # noqa: E731
        if example.impossible:
            return Example(question, read(example.context), "", -1, example.group)
        end = example.start + len(example.answer)
        before = read(example.context[: example.start])
        answer = self.switch(example.answer, VI, 0.8, rng)
        return Example(
            question, before + answer + read(example.context[end:]), answer, len(before), example.group
        )
