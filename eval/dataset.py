"""Question sets: JSON Lines of our own, or SQuAD v1.1 files, and the ways in which a set can be put.

A question file holds one JSON object a line: `id`, `question`, `answers` (accepted short answers, words of
the source), `sources` (the files that hold them), `answerable`, `lang`, and if wanted `history` (earlier
turns), `type`, `accepted` (further accepted answers, which need not stand in the source), `all_of` (facts
that must all be told, each a list of ways to say it), `note`.
"""

from __future__ import annotations

import hashlib
import json
import random
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from itertools import starmap
from pathlib import Path
from typing import Any, Literal

from rag.errors import RagError
from rag.types import Filters, Turn
from rag.vietnamese import fold

Mode = Literal["open", "gold", "removed", "mixed"]
UNACCENTED = "-unaccented"
MODES: dict[Mode, str] = {
    "open": "everything is searched",
    "gold": "only the right sources are searched",
    "removed": "the right sources are left out of the search, so refusing is right",
    "mixed": "the right sources are left out for every second question",
}


class DatasetError(RagError):
    """A question file cannot be read, or a question contradicts itself."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question and what would count as right."""

    id: str
    question: str
    answers: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    answerable: bool = True
    lang: str = "vi"
    history: tuple[Turn, ...] = ()
    type: str = ""
    accepted: tuple[str, ...] = ()
    all_of: tuple[tuple[str, ...], ...] = ()
    note: str = ""
    only: tuple[str, ...] = ()
    """Sources the search is limited to; set by the mode `gold`."""
    exclude: tuple[str, ...] = ()
    """Sources the search leaves out; set by the mode `removed`."""

    @property
    def filters(self) -> Filters | None:
        """What the mode limits the search to; None when it does not."""
        if not self.only and not self.exclude:
            return None
        return Filters(sources=self.only, exclude=self.exclude)

    def to_dict(self) -> dict[str, Any]:
        """JSON-serialisable; fields that are empty are left out, apart from those every question has."""
        always = {"id", "question", "answers", "sources", "answerable", "lang"}
        entry: dict[str, Any] = {}
        for each in fields(self):
            value = getattr(self, each.name)
            if each.name == "history":
                value = [{"question": turn.question, "answer": turn.answer} for turn in value]
            elif each.name == "all_of":
                value = [list(ways) for ways in value]
            elif isinstance(value, tuple):
                value = list(value)
            if value or each.name in always:
                entry[each.name] = value
        return entry


@dataclass(frozen=True, slots=True)
class Dataset:
    """Questions under a name, in the order in which they are asked."""

    name: str
    questions: tuple[Question, ...]
    mode: Mode = "open"

    @property
    def sha256(self) -> str:
        """Of all questions with all their fields: the same digest means the same exam."""
        text = "\n".join(json.dumps(q.to_dict(), ensure_ascii=False, sort_keys=True) for q in self.questions)
        return hashlib.sha256(text.encode()).hexdigest()


def load(paths: Sequence[Path]) -> Dataset:
    """Read question files, or folders of them (`*.jsonl`, sorted by name). Ids must be unique over all files.

    Raises:
        DatasetError: a file is missing or holds something else, or an id occurs twice.
    """
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            found = sorted(path.glob("*.jsonl"))
            if not found:
                raise DatasetError(f"There is no .jsonl file in {path}.", "Name a question file.")
            files += found
        else:
            files.append(path)
    questions: list[Question] = []
    for path in files:
        questions += read_jsonl(path) if path.suffix == ".jsonl" else read_squad(path)
    seen: set[str] = set()
    for question in questions:
        if question.id in seen:
            raise DatasetError(f"The id {question.id!r} is given to two questions.", "Rename one of them.")
        seen.add(question.id)
    name = paths[0].stem if len(paths) == 1 else "+".join(path.stem for path in files)
    return Dataset(name, tuple(questions))


def read_jsonl(path: Path) -> list[Question]:
    """Read our own format. Blank lines are skipped.

    Raises:
        DatasetError: with the number of the line that is wrong.
    """
    questions = []
    for number, line in enumerate(_read(path).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            questions.append(parse_question(json.loads(line)))
        except (json.JSONDecodeError, DatasetError) as error:
            raise DatasetError(f"{path.name}, line {number}: {error}", "Mend the line.") from None
    return questions


def parse_question(entry: Any) -> Question:
    """One JSON object → Question.

    Raises:
        DatasetError: a key is unknown or missing, a value has the wrong kind, or the question contradicts
        itself.
    """
    if not isinstance(entry, dict):
        raise DatasetError("a question must be a JSON object.")
    unknown = set(entry) - {each.name for each in fields(Question)}
    if unknown:
        raise DatasetError(f"unknown key {sorted(unknown)[0]!r}.")
    for key in ("id", "question"):
        if not isinstance(entry.get(key), str) or not entry[key].strip():
            raise DatasetError(f"{key!r} is missing or empty.")
    values: dict[str, Any] = dict(entry)
    for key in ("answers", "sources", "accepted", "only", "exclude"):
        values[key] = _strings(entry.get(key, []), key)
    values["all_of"] = tuple(_strings(ways, "all_of") for ways in entry.get("all_of", []))
    values["history"] = tuple(_turn(turn) for turn in entry.get("history", []))
    question = Question(**values)
    if not isinstance(question.answerable, bool):
        raise DatasetError("'answerable' must be true or false.")
    if question.answerable and not (question.answers or question.all_of):
        raise DatasetError("an answerable question needs 'answers' or 'all_of'.")
    if not question.answerable and (question.answers or question.accepted or question.all_of):
        raise DatasetError("a question that is not answerable cannot have answers.")
    if any(not ways for ways in question.all_of):
        raise DatasetError("every fact in 'all_of' needs at least one way to say it.")
    return question


def _strings(value: Any, key: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) and each.strip() for each in value):
        raise DatasetError(f"{key!r} must be a list of texts.")
    return tuple(value)


def _turn(value: Any) -> Turn:
    if isinstance(value, dict) and set(value) == {"question", "answer"}:
        question, answer = value["question"], value["answer"]
    elif isinstance(value, list) and len(value) == 2:
        question, answer = value
    else:
        raise DatasetError("each turn of 'history' must have 'question' and 'answer'.")
    if not isinstance(question, str) or not isinstance(answer, str):
        raise DatasetError("each turn of 'history' must have texts as 'question' and 'answer'.")
    return Turn(question, answer)


def read_squad(path: Path) -> list[Question]:
    """Read a SQuAD v1.1 file, such as XQuAD. The language is taken from a name like `xquad.vi.json`.

    Raises:
        DatasetError: the file is no SQuAD file.
    """
    lang = squad_language(path)
    return [
        Question(
            id=qa["id"],
            question=qa["question"],
            answers=tuple(dict.fromkeys(answer["text"] for answer in qa["answers"])),
            sources=(source,),
            lang=lang,
        )
        for source, _, qas in squad_paragraphs(path)
        for qa in qas
    ]


def squad_paragraphs(path: Path) -> list[tuple[str, str, list[dict[str, Any]]]]:
    """All paragraphs of a SQuAD v1.1 file as (source, text, questions), in order.

    The source is the name of the file that `eval.corpora` writes for the paragraph.

    Raises:
        DatasetError: the file is no SQuAD file.
    """
    try:
        articles = json.loads(_read(path))["data"]
        return [
            (f"{a:02d}-{_slug(article.get('title', ''))}/{p:02d}.md", paragraph["context"], paragraph["qas"])
            for a, article in enumerate(articles)
            for p, paragraph in enumerate(article["paragraphs"])
        ]
    except (json.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise DatasetError(
            f"{path.name} is neither JSON Lines (.jsonl) nor a SQuAD v1.1 file: {error!r}.",
            "Check its format.",
        ) from None


def squad_language(path: Path) -> str:
    """`vi` for `xquad.vi.dev.json`; `und` when no part of the name is a two-letter code."""
    return next((part for part in path.name.split(".")[1:-1] if len(part) == 2), "und")


def _slug(title: str) -> str:
    plain = "".join(char if char.isascii() and char.isalnum() else "-" for char in fold(title))
    return "-".join(part for part in plain.split("-") if part)[:40] or "article"


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"{path} cannot be read: {error}.", "Name a file of questions in UTF-8.") from None


def ask_elsewhere(questions: Dataset, corpus: Dataset) -> Dataset:
    """Put the questions of one set to the paragraphs of another that shares its ids.

    Answers of both languages are accepted: an assistant may quote the paragraph or answer in the reader's
    words.

    Raises:
        DatasetError: a question has no counterpart.
    """
    known = {question.id: question for question in corpus.questions}
    moved = []
    for question in questions.questions:
        there = known.get(question.id)
        if there is None:
            raise DatasetError(
                f"{corpus.name} has no question {question.id!r}.", "Name files with shared ids."
            )
        accepted = question.answers + question.accepted
        moved.append(replace(question, sources=there.sources, answers=there.answers, accepted=accepted))
    return Dataset(f"{questions.name}-on-{corpus.name}", tuple(moved), questions.mode)


def in_mode(dataset: Dataset, mode: Mode) -> Dataset:
    """`open` as it is; `gold`: only the sources of the question are searched; `removed`: all but those are;
    `mixed`: they are removed from every second question, so that a threshold can be fitted.

    With its sources removed a question is unanswerable. Questions without sources keep their meaning.
    """
    if mode == "open":
        return dataset

    def turn(place: int, question: Question) -> Question:
        if not question.sources or (mode == "mixed" and place % 2 == 0):
            return question
        if mode == "gold":
            return replace(question, only=question.sources)
        return replace(
            question, exclude=question.sources, answerable=False, answers=(), accepted=(), all_of=()
        )

    return Dataset(f"{dataset.name}-{mode}", tuple(starmap(turn, enumerate(dataset.questions))), mode)


def without_diacritics(dataset: Dataset) -> Dataset:
    """The same questions as typed without diacritics (`đ` as `d`); case and answers stay."""

    def turn(question: Question) -> Question:
        lang = question.lang if question.lang.endswith(UNACCENTED) else question.lang + UNACCENTED
        history = tuple(replace(each, question=unaccent(each.question)) for each in question.history)
        return replace(question, question=unaccent(question.question), history=history, lang=lang)

    return replace(dataset, name=dataset.name + UNACCENTED, questions=tuple(map(turn, dataset.questions)))


def unaccent(text: str) -> str:
    """`Đắk Nông` → `Dak Nong`."""
    folded = ((char, fold(char)) for char in unicodedata.normalize("NFC", text))
    return "".join(plain.upper() if char.isupper() else plain for char, plain in folded)


def sample(dataset: Dataset, limit: int | None, seed: int = 0) -> Dataset:
    """At most `limit` questions, drawn by `seed`, in their own order."""
    if limit is None or limit >= len(dataset.questions):
        return dataset
    chosen = sorted(random.Random(seed).sample(range(len(dataset.questions)), limit))
    return replace(dataset, questions=tuple(dataset.questions[i] for i in chosen))


def select(dataset: Dataset, ids: Iterable[str]) -> Dataset:
    """The questions with these ids, in the order of the ids.

    Raises:
        DatasetError: an id is unknown.
    """
    known = {question.id: question for question in dataset.questions}
    try:
        return replace(dataset, questions=tuple(known[each] for each in ids))
    except KeyError as error:
        raise DatasetError(f"No question has the id {error.args[0]!r}.", "Correct the list of ids.") from None
