"""Check question files against the articles: `python -m eval.check_questions [FILE…] [--corpus DIR]`.

`eval.check` makes sure that answers stand in their sources. Here are the further rules of the set in
`eval/questions/`, which keep its slices clean. Anyone's own files may be held to them too.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from eval.check import faults
from eval.dataset import Dataset, Question, load
from eval.metrics.text import normalise
from rag.articles import read_article, scan
from rag.errors import RagError
from rag.types import Article
from rag.vietnamese import has_diacritics

QUESTIONS = Path(__file__).parent / "questions"
CORPUS = Path(__file__).parents[1] / "corpus"
LANGUAGES = ("vi", "en", "vi-unaccented")
TYPES = ("who", "when", "where", "how many", "what", "why", "list")


def read_articles(corpus: Path) -> list[Article]:
    """All articles of a folder.

    Raises:
        CorpusError: the folder or one of its articles cannot be read.
    """
    return [read_article(path, corpus) for path in scan(corpus).files]


def check(dataset: Dataset, articles: Iterable[Article]) -> list[str]:
    """One line for every fault of the set, none when all is well.

    Beside what `eval.check.faults` finds: languages and types are known ones, what is typed without
    diacritics has none, a question without an answer names no source and says in its note why, an answer is
    not given away by the question, no question is asked twice.
    """
    return (
        faults(dataset, articles)
        + [f"{question.id}: {fault}" for question in dataset.questions for fault in _faults(question)]
        + _asked_twice(dataset.questions)
    )


def _faults(question: Question) -> list[str]:
    found = []
    if question.lang not in LANGUAGES:
        found.append(f"unknown language {question.lang!r}")
    if question.type not in TYPES:
        found.append(f"unknown type {question.type!r}")
    if question.lang == "vi-unaccented" and has_diacritics(question.question):
        found.append("the question has diacritics")
    if not question.answerable and (question.sources or not question.note):
        found.append("a question without an answer names no source and has a note that says why")
    asked = f" {normalise(question.question)} "
    if not question.all_of:
        found += [
            f"the question gives away {answer!r}"
            for answer in question.answers
            if f" {normalise(answer)} " in asked
        ]
    return found


def _asked_twice(questions: Iterable[Question]) -> list[str]:
    """The same words may come back as a follow-up to other turns."""
    first: dict[tuple[object, ...], str] = {}
    found = []
    for question in questions:
        key = (normalise(question.question), question.history)
        if key in first:
            found.append(f"{question.id}: asks the same as {first[key]}")
        first.setdefault(key, question.id)
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Print faults and counts; 0 when there is no fault, else 1."""
    parser = argparse.ArgumentParser(prog="python -m eval.check_questions", description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, default=[QUESTIONS], metavar="FILE")
    parser.add_argument("--corpus", type=Path, default=CORPUS, metavar="DIR")
    options = parser.parse_args(arguments)
    try:
        dataset = load(options.files)
        found = check(dataset, read_articles(options.corpus))
    except RagError as error:
        print(error, file=sys.stderr)
        return 1
    for fault in found:
        print(fault, file=sys.stderr)
    languages = Counter(question.lang for question in dataset.questions).most_common()
    refused = sum(not question.answerable for question in dataset.questions)
    print(
        f"{len(dataset.questions)} questions ({', '.join(f'{n} {lang}' for lang, n in languages)}), "
        f"{refused} without an answer, {len(found)} faults"
    )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
