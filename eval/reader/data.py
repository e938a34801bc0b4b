"""Questions with their paragraphs → windows of tokens → batches, from several languages at once.

A training example is one window of a paragraph, cut so that the answer lies inside it at a random
place, or a window that does not hold the answer. What is drawn depends on the seed and on the counters
of `Stream.state` alone, so that a stopped training goes on exactly where it was.
"""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

START, END = 0, 2
QUESTION, PASSAGE = "query: ", "passage: "
MAX_QUESTION = 48


@dataclass(frozen=True, slots=True)
class Example:
    """A question and a paragraph; the answer at `start`, or none (`start` −1)."""

    question: str
    context: str
    answer: str
    start: int
    group: str
    """Examples of one group come from one article."""

    @property
    def impossible(self) -> bool:
        """Whether the paragraph is known not to hold the answer."""
        return self.start < 0


@dataclass(frozen=True, slots=True)
class Window:
    """Token ids of one input, and the answer's first and last token in it (0, 0: none)."""

    ids: list[int]
    passage: int
    """Where the passage's tokens begin; they end before the last token."""
    span: tuple[int, int]


def read_squad_lines(path: Path, group: Callable[[str, str], str] | None = None) -> list[Example]:
    """One paragraph a line, gzip or plain. `group` maps (question id, context) to the article's name."""
    opener = gzip.open if path.suffix == ".gz" else open
    examples = []
    with opener(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            paragraph = json.loads(line)
            for qa in paragraph["qas"]:
                answer: dict[str, Any] = (
                    qa["answers"][0] if qa["answers"] else {"text": "", "answer_start": -1}
                )
                examples.append(
                    Example(
                        question=" ".join(qa["question"].split()),
                        context=paragraph["context"],
                        answer=answer["text"],
                        start=answer["answer_start"],
                        group=group(qa["id"], paragraph["context"]) if group else paragraph["context"],
                    )
                )
    return examples


def token_span(offsets: Sequence[tuple[int, int]], start: int, end: int) -> tuple[int, int] | None:
    """First and last token touching the characters `start:end`; None when no token does."""
    touching = [i for i, (a, b) in enumerate(offsets) if b > start and a < end and b > a]
    return (touching[0], touching[-1]) if touching else None


class Cutter:
    """Cuts windows out of examples."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.tokenizer = tokenizer
        self.prefix = tokenizer.encode(PASSAGE.strip(), add_special_tokens=False).ids

    def head(self, question: str) -> list[int]:
        """`<s> query: question </s> </s> passage:`."""
        ids = self.tokenizer.encode(QUESTION + question, add_special_tokens=False).ids[:MAX_QUESTION]
        return [START, *ids, END, END, *self.prefix]

    def cut(self, example: Example, limit: int, rng: random.Random, miss: bool = False) -> Window | None:
        """A window of at most `limit` tokens; with `miss`, one that does not hold the answer.

        None when no such window is there, or the answer does not fit the tokens well.
        """
        head = self.head(example.question)
        encoding = self.tokenizer.encode(example.context, add_special_tokens=False)
        ids, offsets = encoding.ids, encoding.offsets
        room = min(limit - len(head) - 1, len(ids))
        if room < 8:
            return None
        if example.impossible:
            return self._window(head, ids, _uniform(rng, 0, len(ids) - room), room, None)
        end = example.start + len(example.answer)
        span = token_span(offsets, example.start, end)
        if span is None or span[1] - span[0] + 1 > room // 2:
            return None
        if miss:
            return self._miss(example, head, (ids, offsets), room, rng)
        width = offsets[span[1]][1] - offsets[span[0]][0]
        if width > 1.5 * len(example.answer) + 2:
            return None
        lowest = max(0, span[1] + 1 - room)
        begin = _uniform(rng, lowest, min(span[0], len(ids) - room))
        return self._window(head, ids, begin, room, (span[0] - begin, span[1] - begin))

    def _miss(
        self, example: Example, head: list[int], encoded: tuple[Any, Any], room: int, rng: random.Random
    ) -> Window | None:
        ids, offsets = encoded
        room = min(room, len(ids) // 2)
        if room < 24:
            return None
        for _ in range(4):
            begin = _uniform(rng, 0, len(ids) - room)
            text = example.context[offsets[begin][0] : offsets[begin + room - 1][1]]
            if example.answer not in text:
                return self._window(head, ids, begin, room, None)
        return None

    @staticmethod
    def _window(
        head: list[int], ids: Sequence[int], begin: int, room: int, span: tuple[int, int] | None
    ) -> Window:
        first = len(head)
        inside = (first + span[0], first + span[1]) if span else (0, 0)
        return Window([*head, *ids[begin : begin + room], END], first, inside)


def _uniform(rng: random.Random, low: int, high: int) -> int:
    return rng.randint(low, max(low, high))


class Source:
    """One data set, drawn from in a shuffled order that changes with every pass."""

    def __init__(
        self,
        name: str,
        examples: list[Example],
        *,
        weight: float,
        sibling: float = 0.0,
        miss: float = 0.0,
        change: Callable[[Example, random.Random], Example] | None = None,
        unanswerable: float | None = None,
        rivals: Callable[[str, str, str], list[str]] | None = None,
    ) -> None:
        """`sibling` and `miss` are shares of answerable examples turned into unanswerable ones.

        `unanswerable` thins the impossible examples out to that share. `rivals` finds, for a question, its
        paragraph and its answer, other paragraphs that count as siblings.
        """
        self.name = name
        self.examples = examples
        self.weight = weight
        self.sibling = sibling
        self.miss = miss
        self.change = change
        self.unanswerable = unanswerable
        self.rivals = rivals
        self._order: tuple[int, list[int]] = (-1, [])
        self._groups: dict[str, list[str]] = {}
        for example in examples:
            contexts = self._groups.setdefault(example.group, [])
            if example.context not in contexts[-1:]:
                contexts.append(example.context)

    def draw(self, count: int, seed: int, cutter: Cutter, limit: int) -> Window | None:
        """The `count`-th window of this source; None when that one cannot be used."""
        turn, place = divmod(count, len(self.examples))
        if self._order[0] != turn:
            order = list(range(len(self.examples)))
            random.Random(f"{seed}:{self.name}:{turn}").shuffle(order)
            self._order = (turn, order)
        example = self.examples[self._order[1][place]]
        rng = random.Random(f"{seed}:{self.name}:{count}")
        if example.impossible and self.unanswerable is not None and rng.random() > self.unanswerable:
            return None
        kind = rng.random()
        miss = False
        if not example.impossible and kind < self.sibling:
            example = self._sibling(example, rng)
        elif not example.impossible and kind < self.sibling + self.miss:
            miss = True
        if self.change:
            example = self.change(example, rng)
        return cutter.cut(example, limit, rng, miss)

    def _sibling(self, example: Example, rng: random.Random) -> Example:
        """The same question on another paragraph of its article, or, if there is none, on any paragraph."""
        contexts = self._groups[example.group]
        if self.rivals:
            own = [each for each in contexts if each != example.context]
            contexts = own + self.rivals(example.question, example.context, example.answer)
        elif len(contexts) == 1:
            contexts = []
        context = rng.choice(contexts or [rng.choice(self.examples).context])
        if example.answer in context:
            return example
        return Example(example.question, context, "", -1, example.group)


class Stream:
    """Batches drawn from several sources by weight, all of one length class."""

    LIMITS = (104, 136, 176, 240, 320)
    SHARES = (0.35, 0.32, 0.20, 0.10, 0.03)

    def __init__(self, sources: Sequence[Source], cutter: Cutter, *, tokens: int, seed: int) -> None:
        self.sources = list(sources)
        self.cutter = cutter
        self.tokens = tokens
        self.seed = seed
        self.state: dict[str, int] = {}
        """Draws so far, for each source and for the batches (`batches`)."""

    def next(self) -> list[Window]:
        """The next batch, of at most `tokens` tokens."""
        number = self.state.get("batches", 0)
        self.state["batches"] = number + 1
        rng = random.Random(f"{self.seed}:batch:{number}")
        limit = rng.choices(self.LIMITS, self.SHARES)[0]
        weights = [source.weight for source in self.sources]
        windows: list[Window] = []
        used = 0
        while used + limit <= self.tokens:
            source = rng.choices(self.sources, weights)[0]
            count = self.state.get(source.name, 0)
            self.state[source.name] = count + 1
            window = source.draw(count, self.seed, self.cutter, limit)
            if window:
                windows.append(window)
                used += len(window.ids)
        return windows


LATEST = 0.45
"""Share of the windows that come from the written files named by `latest`."""


def open_sources(folder: Path, seed: int, latest: str = "") -> list[Source]:
    """The sources named in the model card, from the folder that holds their files, and the made-up one.

    Written files whose names begin with `latest` are drawn from more often: those new since a last training.
    """
    from eval.reader.made import made_source
    from eval.reader.switch import Switcher
    from eval.reader.written import thin, written_source

    here = Path(__file__).parent

    def article(identifier: str, _context: str) -> str:
        return identifier.rsplit("-", 2)[0]

    japanese = read_squad_lines(folder / "jaquad-ja-train.jsonl.gz", article)
    japanese += read_squad_lines(folder / "jaquad-ja-dev.jsonl.gz", article)
    indonesian = read_squad_lines(folder / "idk-mrc-id-train.jsonl.gz")
    indonesian += read_squad_lines(folder / "idk-mrc-id-valid.jsonl.gz")
    chinese = read_squad_lines(folder / "cmrc2018-zh-dev.jsonl.gz")
    switcher = Switcher(here / "switch.txt")
    new = [written_source(here / "written", LATEST / (1 - LATEST), latest)] if latest else []
    return [
        *new,
        Source(
            "id",
            indonesian,
            weight=0.20,
            sibling=0.05,
            miss=0.05,
            unanswerable=0.5,
            change=lambda example, rng: switcher(thin(example, rng), rng),
        ),
        Source("ja", japanese, weight=0.12, sibling=0.20, miss=0.07),
        Source("zh", chinese, weight=0.05, sibling=0.05, miss=0.10),
        made_source(here, count=6000, seed=seed, weight=0.03),
        written_source(here / "written", weight=0.60),
    ]
