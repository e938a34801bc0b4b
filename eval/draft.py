"""Questions of one's own, half made: proposals that a person accepts, edits or rejects in the terminal.

What was accepted is in the question file at once; the sentences of rejected proposals are kept beside it, so
that nothing is proposed twice when drafting goes on another day.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Literal

from eval.dataset import Question, load
from eval.metrics.text import contains
from eval.propose import Proposal
from rag.vietnamese import guess_language

REJECTED = ".rejected"
"""Ending of the file, beside the question file, that holds the sentences of rejected proposals."""

Decide = Callable[[Proposal], Proposal | Literal["stop"] | None]
"""Accepted (perhaps edited), None for rejected, `stop` to end."""


def decided(out: Path) -> set[str]:
    """Sentences that a person has decided on before, for good or bad.

    Raises:
        DatasetError: the question file cannot be read.
    """
    accepted = {question.note for question in load([out]).questions} if out.exists() else set()
    rejected = out.with_suffix(REJECTED)
    lines = rejected.read_text(encoding="utf-8").split("\n") if rejected.exists() else []
    return accepted | {json.loads(line) for line in lines if line}


def draft(found: Iterable[Proposal | None], decide: Decide, out: Path, wanted: int) -> int:
    """Show proposals until `wanted` are accepted or the person stops. Returns how many were accepted.

    Every decision is saved at once. Ids go on from those in the file.

    Args:
        found: proposals; None for each that was not good enough to be shown.
    """
    accepted = 0
    taken = {question.id for question in load([out]).questions} if out.exists() else set()
    for proposal in found:
        if proposal is None:
            continue
        decision = decide(proposal)
        if decision == "stop":
            break
        if decision is None:
            _append(out.with_suffix(REJECTED), proposal.sentence)
            continue
        number = next(n for n in range(1, len(taken) + 2) if f"draft-{n}" not in taken)
        taken.add(f"draft-{number}")
        _append(out, as_question(decision, f"draft-{number}").to_dict())
        accepted += 1
        if accepted == wanted:
            break
    return accepted


def as_question(proposal: Proposal, id: str) -> Question:
    """The question as a question file holds it."""
    return Question(
        id=id,
        question=proposal.question,
        answers=(proposal.answer,),
        sources=(proposal.source,),
        lang=guess_language(proposal.question),
        note=proposal.sentence,
    )


def decide_in_terminal(proposal: Proposal) -> Proposal | Literal["stop"] | None:
    """Show one proposal and ask: accept, edit, reject or quit. An answer must stand in the sentence."""
    from rich.console import Console
    from rich.prompt import Prompt
    from rich.text import Text

    console = Console(stderr=True)
    console.print()
    console.print(Text(f"{proposal.source}: {proposal.sentence}", style="dim"))
    console.print(Text(f"Q: {proposal.question}", style="bold"))
    console.print(Text(f"A: {proposal.answer}"))
    try:
        choice = Prompt.ask(
            "a accept, e edit, r reject, q quit", choices=list("aerq"), default="a", console=console
        )
        if choice in "qr":
            return "stop" if choice == "q" else None
        if choice == "e":
            question = Prompt.ask("Question", default=proposal.question, console=console).strip()
            answer = ""
            while not contains(proposal.sentence, [answer]):
                answer = Prompt.ask(
                    "Answer, in words of the sentence", default=proposal.answer, console=console
                ).strip()
            proposal = replace(proposal, question=question or proposal.question, answer=answer)
    except EOFError:  # nobody is there, or Ctrl-D
        return "stop"
    return proposal


def _append(path: Path, entry: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(entry, ensure_ascii=False) + "\n")
