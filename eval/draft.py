"""Questions of one's own, half made: a sentence of the corpus, a proposed question, a person who decides."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from eval.dataset import Question
from eval.metrics.text import contains
from rag.errors import RagError
from rag.sentences import sentence_spans
from rag.types import Article
from rag.vietnamese import guess_language

SHORTEST, LONGEST = 40, 400
"""Characters of a sentence that is worth asking about."""


@dataclass(frozen=True)
class Proposal:
    """A question that a sentence answers. The answer is empty when the model gave none that stands in it."""

    source: str
    sentence: str
    question: str
    answer: str


Propose = Callable[[str, str], str]
"""(title, sentence) → what the language model writes: `Question: …` and `Answer: …` on two lines."""
Decide = Callable[[Proposal], Proposal | Literal["stop"] | None]
"""Accepted (perhaps edited), None for rejected, `stop` to end."""

_LINE = re.compile(
    r"^\s*\W*(question|câu hỏi|answer|trả lời|đáp án)\W*:\s*(.+)$", re.IGNORECASE | re.MULTILINE
)


def sentences(articles: Iterable[Article], seed: int = 0) -> list[tuple[Article, str]]:
    """Sentences worth asking about, mixed by the seed, one of every article before a second of any."""
    draw = random.Random(seed)
    columns = []
    for article in sorted(articles, key=lambda each: each.source):
        texts = [article.text[start:end] for start, end in sentence_spans(article.text)]
        texts = [text for text in texts if SHORTEST <= len(text) <= LONGEST]
        draw.shuffle(texts)
        columns.append([(article, text) for text in texts])
    draw.shuffle(columns)
    longest = max(map(len, columns), default=0)
    return [column[row] for row in range(longest) for column in columns if row < len(column)]


def proposals(candidates: Iterable[tuple[Article, str]], propose: Propose) -> Iterator[Proposal]:
    """Ask the model for a question about each sentence; replies that hold no question are passed over."""
    for article, sentence in candidates:
        found = parse(propose(article.title, sentence))
        if not found:
            continue
        question, answer = found
        stands = answer if contains(sentence, [answer]) else ""
        yield Proposal(article.source, sentence, question, stands)


def parse(reply: str) -> tuple[str, str] | None:
    """Question and answer (or an empty one) out of a model's reply; None when there is no question."""
    parts = {"question": "", "answer": ""}
    for name, value in _LINE.findall(reply):
        key = "question" if name.lower() in ("question", "câu hỏi") else "answer"
        parts[key] = parts[key] or value.strip().strip("*").strip()
    return (parts["question"], parts["answer"]) if parts["question"] else None


def draft(found: Iterable[Proposal], decide: Decide, out: Path, wanted: int) -> int:
    """Show proposals until `wanted` are accepted or the person stops. Returns how many were accepted.

    Each accepted question is appended to the file at once. Ids go on from those in the file.
    """
    accepted = 0
    taken = _ids(out)
    for proposal in found:
        decision = decide(proposal)
        if decision == "stop":
            break
        if decision is None:
            continue
        number = next(n for n in range(1, len(taken) + 2) if f"draft-{n}" not in taken)
        taken.add(f"draft-{number}")
        _append(out, as_question(decision, f"draft-{number}"))
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
    console.print(Text(f"A: {proposal.answer or '(none that stands in the sentence)'}"))
    choice = Prompt.ask(
        "a accept, e edit, r reject, q quit", choices=list("aerq"), default="a", console=console
    )
    if choice == "q":
        return "stop"
    if choice == "r":
        return None
    if choice == "e":
        question = Prompt.ask("Question", default=proposal.question, console=console)
        proposal = replace(proposal, question=question)
    while choice == "e" or not contains(proposal.sentence, [proposal.answer]):
        answer = Prompt.ask(
            "Answer, in words of the sentence", default=proposal.answer or None, console=console
        )
        proposal, choice = replace(proposal, answer=(answer or "").strip()), "a"
    return proposal


def proposer(settings: Any) -> Propose:
    """The language model that the settings name, with the prompt `draft`.

    Raises:
        RagError: the settings name no language model.
    """
    from rag.llm import chat_model
    from rag.prompts import load_prompt
    from rag.settings import EXTRACTIVE

    if settings.llm == EXTRACTIVE:
        raise RagError("Drafting questions needs a language model.", "Name one with --llm, or leave it away.")
    model, prompt = chat_model(settings), load_prompt("draft", settings.prompts)
    return lambda title, sentence: str(model.invoke(prompt.fill(title=title, sentence=sentence)).text)


def _ids(path: Path) -> set[str]:
    if not path.exists():
        return set()
    return {json.loads(line)["id"] for line in path.read_text(encoding="utf-8").split("\n") if line.strip()}


def _append(path: Path, question: Question) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(question.to_dict(), ensure_ascii=False) + "\n")
