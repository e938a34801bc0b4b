"""What readers say of an answer, as lines of the question format of `rag eval`, in a file of their own.

`feedback.jsonl` holds whole questions; a complaint that nobody told the right answer to waits in
`complaints.jsonl` until a person adds it. Both lie in the index folder and go nowhere else.
"""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from rag.cache import store_errors
from rag.compound import parts
from rag.errors import StoreError
from rag.types import Turn
from rag.vietnamese import guess_language, has_diacritics, nfc
from rag.wording import short_answers

FEEDBACK, COMPLAINTS = "feedback.jsonl", "complaints.jsonl"
LONGEST = 2000
"""Characters of a right answer."""
_PATIENCE = 10
"""Seconds to wait for another writer."""


def record(
    index_dir: Path,
    answer: Mapping[str, Any],
    *,
    good: bool,
    right_answer: str = "",
    no_answer: bool = False,
    history: Sequence[Turn] = (),
    texts: Mapping[str, str] | None = None,
) -> Path:
    """Append what a reader said of an answer. Returns the file it went to.

    Args:
        answer: the answer in the JSON contract.
        good: thumb up or down.
        right_answer: what would have been right, if the reader told it.
        no_answer: the reader says that the articles hold no answer.
        history: the turns before the question.
        texts: source → text of its article, to cut the short answers out of those cited.

    Raises:
        StoreError: the file cannot be written.
    """
    entry = question_entry(answer, good, right_answer, no_answer, history, texts or {})
    whole = not entry["answerable"] or bool(entry["answers"])
    file = index_dir / (FEEDBACK if whole else COMPLAINTS)
    _append(file, json.dumps(entry, ensure_ascii=False))
    return file


def question_entry(
    answer: Mapping[str, Any],
    good: bool,
    right_answer: str,
    no_answer: bool,
    history: Sequence[Turn],
    texts: Mapping[str, str],
) -> dict[str, Any]:
    """One line of a question file; `answers` is empty when the right answer is not known.

    Of a question with several parts every one must be told.
    """
    told = nfc(" ".join(right_answer.split()))[:LONGEST]
    refused = answer["status"] == "not_found"
    answerable = bool(told) or not (no_answer or (refused and good))
    answers: list[str] = []
    if told:
        answers = [told]
    elif good and answerable:
        answers = _short_answers(answer, texts)
    several = not told and len(parts(answer["question"])) > 1
    if several and answers:  # one quote may answer two parts
        answers = list(dict.fromkeys([*answers, *short_answers(answer.get("short_answer", ""))]))
    cited = list(dict.fromkeys(citation["source"] for citation in answer["citations"]))
    now = datetime.now(UTC)
    verdict = "up" if good else "down"
    given = "refused" if refused else "answered: " + " ".join(answer["answer"].split())[:500]
    return {
        "id": f"feedback-{now:%Y%m%d-%H%M%S}-{secrets.token_hex(4)}",
        "question": answer["question"].strip(),
        **({"answers": [], "all_of": [[each] for each in answers]} if several else {"answers": answers}),
        "sources": cited if good and answerable else [],
        "answerable": answerable,
        "lang": _language(answer["question"], answer["language"]),
        "history": [{"question": turn.question, "answer": turn.answer} for turn in history],
        "note": f"thumb {verdict}, {now:%Y-%m-%d}, {answer['engine']} {given}",
    }


def _short_answers(answer: Mapping[str, Any], texts: Mapping[str, str]) -> list[str]:
    """The words that answer, cut out of the articles where that is known; else the answer as it was given."""
    spans = [(each["source"], each["span"]) for each in answer["citations"] if each.get("span")]
    cut = [texts.get(source, "")[start:end].strip() for source, (start, end) in spans]
    if found := list(dict.fromkeys(text for text in cut if text)):
        return found
    plain = re.sub(r"\s*\[\d+\]", "", answer["answer"]).strip()
    return [plain] if plain else []


def _language(question: str, answered_in: str) -> str:
    guessed = guess_language(question)
    language = answered_in if guessed == "und" else guessed
    return "vi-unaccented" if language == "vi" and not has_diacritics(question) else language


def _append(file: Path, line: str) -> None:
    """One line, whole or not at all, whoever else is writing; a line left half written is closed first."""
    # A lone surrogate from a browser must not make the file unreadable.
    data = line.encode("utf-8", "replace") + b"\n"
    with store_errors(file.parent, "keep the feedback"):
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(file.with_suffix(".lock"), timeout=_PATIENCE), file.open("ab+") as stream:
                if stream.tell():
                    stream.seek(-1, os.SEEK_END)
                    if stream.read(1) != b"\n":
                        data = b"\n" + data
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
        except Timeout:
            raise StoreError(f"Another process holds {file}.", "Try again when it has finished.") from None
