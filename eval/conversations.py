"""How often does a later turn find the right article? `python -m eval.conversations [FILE…] [--half …]`.

Every question that has a history is made to stand alone and searched with; right is when the first passage
comes from one of its sources. The language model is asked only where the rules of `rag.followup` do not
know; with `--llm extractive` (the default) it never is. Of our own conversations, the odd ones are for
development and the even ones held back (see `eval/questions/README.md`).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from eval.check_questions import CORPUS, QUESTIONS
from eval.dataset import Question, load
from eval.intervals import Estimate, means
from rag.errors import RagError

if TYPE_CHECKING:
    from rag.assistant import Assistant

OWN = QUESTIONS / "conversations" / "talks.jsonl"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one later turn became, and where searching for it led."""

    question: Question
    standalone: str
    first: str
    """Source of the first passage; empty when nothing was found."""

    @property
    def right(self) -> bool:
        """Whether the first passage comes from a source of the question."""
        return self.first in self.question.sources


def later_turns(questions: Iterable[Question], half: str = "all") -> list[Question]:
    """The answerable questions with a history, of one half: `dev` (odd numbers), `held` (even), or `all`."""
    wanted = {"dev": (1,), "held": (0,), "all": (0, 1)}[half]
    return [
        each
        for each in questions
        if each.history and each.answerable and (half == "all" or int(each.id.split("-")[1]) % 2 in wanted)
    ]


def outcomes(assistant: Assistant, questions: Iterable[Question]) -> list[Outcome]:
    """Rewrite and search, as the assistant does before it answers."""
    found = []
    for question in questions:
        standalone, result = assistant.understand(question.question, question.history)
        passages = result.passages
        found.append(Outcome(question, standalone, passages[0].source if passages else ""))
    return found


def table(found: Sequence[Outcome]) -> list[tuple[str, Estimate]]:
    """Share of right ones over all, and for each language and each trap, with 95 % intervals."""
    slices: dict[str, list[bool]] = {"all": []}
    for outcome in found:
        for name in ("all", outcome.question.lang, outcome.question.note.split(":")[0].rstrip(".")):
            slices.setdefault(name or "no note", []).append(outcome.right)
    return [(name, means(np.array(right, float)[:, None])[0]) for name, right in slices.items()]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table, and on request every turn that went wrong."""
    from rag.assistant import Assistant
    from rag.settings import load_settings

    parser = argparse.ArgumentParser(prog="python -m eval.conversations", description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, default=[OWN], metavar="FILE")
    parser.add_argument("--corpus", type=Path, default=CORPUS, metavar="DIR")
    parser.add_argument("--llm", default="extractive", help="the engine; `local` for the offline model")
    parser.add_argument("--half", choices=("dev", "held", "all"), default="all")
    parser.add_argument("--limit", type=int, help="only the first so many turns")
    parser.add_argument("--show", choices=("none", "wrong", "all"), default="none", help="print turns")
    options = parser.parse_args(arguments)
    try:
        questions = later_turns(load(options.files).questions, options.half)[: options.limit]
        with tempfile.TemporaryDirectory() as index:
            settings = load_settings(corpus=options.corpus, index=Path(index), llm=options.llm)
            with closing(Assistant.open(settings)) as assistant:
                assistant.index()
                found = outcomes(assistant, questions)
    except RagError as error:
        print(error, file=sys.stderr)
        return 1
    for outcome in found:
        if options.show == "all" or (options.show == "wrong" and not outcome.right):
            sign = "+" if outcome.right else "-"
            print(f"{sign} {outcome.question.id}: {outcome.question.question}\n    → {outcome.standalone}")
    for name, share in table(found):
        print(f"{name:20} {share.value:.3f} [{share.low:.3f}, {share.high:.3f}]  n {share.n}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
