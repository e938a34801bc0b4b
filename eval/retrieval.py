"""Measure retrieval on XQuAD: `python -m eval.retrieval --xquad DIR`.

Every Vietnamese paragraph is one passage of the index. Asked are its Vietnamese questions, the same typed
without diacritics, and the English ones. Reported are recall at 1 and 5 with bootstrap intervals, the time of
a search, and how well the confidence tells questions whose paragraph is there from those where it was taken
out.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rag.embed import load_embedder
from rag.lexical import LexicalIndex
from rag.retrieve import Retriever
from rag.sentences import sentence_spans
from rag.settings import load_settings
from rag.types import Article, Chunk, Filters
from rag.vietnamese import fold, nfc


@dataclass(frozen=True, slots=True)
class Case:
    """One question and the source that answers it; `group` is the SQuAD article it belongs to."""

    question: str
    source: str
    group: int


class MemoryIndex:
    """An index whose passages are given texts, one article each."""

    def __init__(
        self, texts: Sequence[str], folder: Path, embed: Callable[[list[str]], npt.NDArray[Any]]
    ) -> None:
        self.path = folder
        self._articles = [Article(f"{row:04}.md", nfc(text), "") for row, text in enumerate(texts)]
        self.chunks: Sequence[Chunk] = [
            Chunk(a.source, a.source, 0, 0, len(a.text), a.text, "", tuple(sentence_spans(a.text)))
            for a in self._articles
        ]
        LexicalIndex.build(self.chunks).save(folder / "lexical")
        self._vectors = embed([chunk.embedded_text for chunk in self.chunks])
        sentences = [chunk.text[start:end] for chunk in self.chunks for start, end in chunk.sentences]
        splits = np.cumsum([len(chunk.sentences) for chunk in self.chunks])[:-1]
        self._sentences = np.split(embed(sentences), splits)

    def article(self, source: str) -> Article:
        """The article of that name."""
        return self._articles[int(source[:4])]

    def articles(self) -> list[Article]:
        """All of them."""
        return self._articles

    def rows_of(self, sources: Collection[str]) -> list[int]:
        """Rows of these sources."""
        return sorted(int(source[:4]) for source in sources)

    def nearest(
        self, vector: npt.ArrayLike, k: int, rows: Collection[int] | None = None
    ) -> list[tuple[int, float]]:
        """Rows and cosines, best first."""
        pool = np.arange(len(self.chunks)) if rows is None else np.asarray(sorted(rows))
        cosines = self._vectors[pool] @ np.asarray(vector)
        return [(int(pool[i]), float(cosines[i])) for i in np.argsort(-cosines)[:k]]

    def vectors(self) -> npt.NDArray[Any]:
        """[chunks, dimension]."""
        return self._vectors

    def sentence_vectors(self, row: int) -> npt.NDArray[Any]:
        """[sentences, dimension]."""
        vectors: npt.NDArray[Any] = self._sentences[row]
        return vectors


def read_xquad(path: Path) -> tuple[list[str], list[Case]]:
    """Paragraphs, and the questions that each answers."""
    texts: list[str] = []
    cases: list[Case] = []
    for group, article in enumerate(json.loads(path.read_text(encoding="utf-8"))["data"]):
        for paragraph in article["paragraphs"]:
            cases += [Case(entry["question"], f"{len(texts):04}.md", group) for entry in paragraph["qas"]]
            texts.append(paragraph["context"])
    return texts, cases


def strip_diacritics(text: str) -> str:
    """The text as typed on a keyboard without Vietnamese letters, case kept."""
    return "".join(fold(c).upper() if c.isupper() else fold(c) or c for c in nfc(text))


def question_sets(folder: Path) -> tuple[list[str], dict[str, list[Case]]]:
    """The Vietnamese paragraphs and the three ways of asking."""
    texts, vietnamese = read_xquad(folder / "xquad.vi.dev.json")
    _, english = read_xquad(folder / "xquad.en.dev.json")
    bare = [Case(strip_diacritics(case.question), case.source, case.group) for case in vietnamese]
    return texts, {"Vietnamese": vietnamese, "without diacritics": bare, "English": english}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What searching for one question gave."""

    rank: int
    """Of the right source, from 0; the number of passages asked for when it was not among them."""
    confidence: float
    milliseconds: float


def outcomes(retriever: Retriever, cases: Sequence[Case], k: int = 5) -> list[Outcome]:
    """Search for every question, after thirty that warm everything up."""
    for case in cases[:30]:
        retriever.search(case.question, k=k)
    found = []
    for case in cases:
        start = time.perf_counter()
        result = retriever.search(case.question, k=k)
        taken = (time.perf_counter() - start) * 1000
        sources = [passage.source for passage in result.passages]
        rank = sources.index(case.source) if case.source in sources else k
        found.append(Outcome(rank, result.confidence, taken))
    return found


def bootstrap(values: npt.NDArray[Any], draws: int = 2000) -> tuple[float, float]:
    """95 % interval of the mean, by resampling questions."""
    picks = np.random.default_rng(7).integers(0, len(values), (draws, len(values)))
    low, high = np.quantile(values[picks].mean(axis=1), [0.025, 0.975])
    return float(low), float(high)


def auroc(positive: npt.NDArray[Any], negative: npt.NDArray[Any]) -> float:
    """Probability that a positive scores above a negative, ties counting half."""
    above = (positive[:, None] > negative[None]).mean()
    return float(above + (positive[:, None] == negative[None]).mean() / 2)


def report(retriever: Retriever, sets: dict[str, list[Case]]) -> None:
    """Print one line for each set of questions."""
    for name, cases in sets.items():
        found = outcomes(retriever, cases)
        parts = []
        for depth in (1, 5):
            hit = np.array([outcome.rank < depth for outcome in found])
            low, high = bootstrap(hit)
            parts.append(f"R@{depth} {hit.mean():.3f} [{low:.3f}, {high:.3f}]")
        without = [Filters(exclude=(case.source,)) for case in cases]
        searches = zip(cases, without, strict=True)
        absent = np.array(
            [retriever.search(c.question, filters=left_out).confidence for c, left_out in searches]
        )
        present = np.array([outcome.confidence for outcome in found])
        cut = np.quantile(present, 0.1)
        brier = (((1 - present) ** 2).mean() + (absent**2).mean()) / 2
        print(
            f"{name:20} n {len(cases)}  {'  '.join(parts)}  "
            f"median {np.median([outcome.milliseconds for outcome in found]):.1f} ms  "
            f"AUROC {auroc(present, absent):.3f}  answered though absent, at 10 % false refusals, "
            f"{(absent >= cut).mean():.2f}  Brier {brier:.3f}"
        )


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        prog="python -m eval.retrieval",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--xquad", type=Path, required=True, help="folder of xquad.vi.dev.json and xquad.en.dev.json"
    )
    parser.add_argument("--fit", action="store_true", help="learn the weights anew and print them")
    options = parser.parse_args()
    texts, sets = question_sets(options.xquad)
    embedder = load_embedder(load_settings())
    with tempfile.TemporaryDirectory() as folder:
        retriever = Retriever(MemoryIndex(texts, Path(folder), embedder.embed_passages), embedder)
        if options.fit:
            from eval.fit_retrieval import fit

            fit(retriever, sets)
        else:
            report(retriever, sets)


if __name__ == "__main__":
    main()
