"""Vietnamese paragraphs written for this training, with questions on them, from `written/*.txt`.

A block is `@ title`, the paragraph on one line, then its questions: `? Vietnamese => answer`,
`~ English => answer`, `! Vietnamese`, which the paragraph does not answer. An answer that stands more than
once in the paragraph is given with the words around it, itself in square brackets.
"""

from __future__ import annotations

import random
import re
from pathlib import Path

from eval.reader.data import Example, Source
from eval.reader.rivals import Rivals, nearness
from rag.sentences import sentence_spans

THINNED = 0.5
"""Share of examples read with three sentences only, as the program reads."""
EMPTIED = 0.12
"""Share of answerable examples whose sentence with the answer is taken out."""
KEPT = 3
NEAREST = 0.6
"""Share of the thinned ones whose other sentences are those nearest to the question, not any."""
_PART = re.compile(r" \(\d+\)$")


def read_written(path: Path) -> list[Example]:
    """One file → examples; those of one article, `Title (1)`, `Title (2)` …, are siblings of one another.

    Raises:
        ValueError: a line is not of the form above, or an answer does not stand in its paragraph.
    """
    examples: list[Example] = []
    paragraph = article = ""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        kind, rest = line[:2], line[2:].strip()
        if kind == "@ ":
            paragraph, article = "", f"{path.stem}: {_PART.sub('', rest)}"
        elif kind == "! ":
            examples.append(Example(rest, paragraph, "", -1, article))
        elif kind in ("? ", "~ "):
            question, _, marked = rest.partition(" => ")
            before, opened, after = marked.partition("[")
            answer = after.partition("]")[0] if opened else marked
            start = paragraph.find(marked.replace("[", "").replace("]", ""))
            if not answer or start < 0:
                raise ValueError(f"{path.name}, line {number}: the answer does not stand in the paragraph")
            examples.append(Example(question, paragraph, answer, start + len(before) * bool(opened), article))
        elif line.strip():
            if paragraph:
                raise ValueError(f"{path.name}, line {number}: a second paragraph under one title")
            paragraph = line.strip()
    return examples


def thin(example: Example, rng: random.Random) -> Example:
    """At times the example with three of its sentences, or without the one that holds the answer."""
    kind = rng.random()
    if kind > THINNED + EMPTIED:
        return example
    spans = sentence_spans(example.context)
    end = example.start + len(example.answer)
    holding = [] if example.impossible else [s for s in spans if s[0] < end and s[1] > example.start]
    others = [span for span in spans if span not in holding]
    if kind < EMPTIED and holding and len(others) > 1:
        text = " ".join(example.context[a:b] for a, b in others)
        if example.answer not in text:
            return Example(example.question, text, "", -1, example.group)
        return example
    rng.shuffle(others)
    if rng.random() < NEAREST:  # as the program chooses what it reads
        others.sort(key=lambda span: -nearness(example.question, example.context[slice(*span)]))
    chosen = sorted(holding + others[: max(0, KEPT - len(holding))])
    if not chosen or (holding and example.context[holding[0][0] : holding[-1][1]].find(example.answer) < 0):
        return example
    text, start = "", -1
    for a, b in chosen:
        text += " " if text else ""
        if a <= example.start < b:
            start = len(text) + example.start - a
        text += example.context[a:b]
    if not example.impossible and text[start : start + len(example.answer)] != example.answer:
        return example
    return Example(example.question, text, example.answer, start, example.group)


def written_source(folder: Path, weight: float, begin: str = "") -> Source:
    """The files whose names begin so, as a source to draw from; rivals come from all files."""
    paths = sorted(folder.glob("*.txt"))
    read = {path: read_written(path) for path in paths}
    rivals = Rivals([example.context for examples in read.values() for example in examples])
    chosen = [example for path in paths if path.name.startswith(begin) for example in read[path]]
    name = f"written {begin}".strip()
    return Source(name, chosen, weight=weight, sibling=0.15, change=thin, rivals=rivals)
