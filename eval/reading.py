"""Measure retrieval and reader together on XQuAD: `python -m eval.reading --xquad DIR --work FOLDER`.

Every Vietnamese paragraph is an article of the index. Every question is put three times: with its paragraph
alone (`gold`), over the whole index (`open`), and over the index without its paragraph, whose siblings of
the same encyclopedia article stay (`removed`). Reported are exact match and F1 of the best span, the share
of F1 that the open index keeps, how often the span is taken from the right paragraph, and how well the
confidence tells open from removed; with `--fit`, the weights of `rag/reading.py` as learned here.
What was read is kept in `--work`, and a second call goes on from there.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from eval import intervals
from eval.corpora import write_corpus
from eval.dataset import read_squad
from eval.metrics.text import exact_match, f1
from eval.retrieval import auroc
from rag.assistant import Assistant
from rag.reader import load_reader
from rag.reading import CROSS, PASSAGES, PRIOR, SAME, Decision, logit, read_passages, read_spans
from rag.settings import EXTRACTIVE, load_settings
from rag.types import Filters

Row = dict[str, Any]
MODES = ("gold", "open", "removed")
REFUSED = 0.1
"""Share of answerable questions that may be refused when abstention is measured."""


def read_all(folder: Path, work: Path, weights: Path | None) -> list[Row]:
    """Every question in every language and mode, with the spans of its first passages."""
    vietnamese = folder / "xquad.vi.dev.json"
    languages = {"vi": read_squad(vietnamese), "en": read_squad(folder / "xquad.en.dev.json")}
    corpus = write_corpus(vietnamese, work)
    settings = load_settings(corpus=corpus, index=work / "index", llm=EXTRACTIVE, reader=False)
    assistant = Assistant.open(settings)
    assistant.index()
    reader = load_reader(settings, weights=weights)
    path = work / "read.jsonl"
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []
    done = {(row["lang"], row["mode"], row["id"]) for row in rows}
    with path.open("a", encoding="utf-8") as out:
        for lang, questions in languages.items():
            for vi, question in zip(languages["vi"], questions, strict=True):
                filters = {
                    "gold": Filters(sources=vi.sources),
                    "open": None,
                    "removed": Filters(exclude=vi.sources),
                }
                for mode in MODES:
                    if (lang, mode, question.id) in done:
                        continue
                    result = assistant.search(question.question, filters=filters[mode])
                    first = result.passages[:PASSAGES]
                    begun = time.perf_counter()
                    read_passages(reader, result.searched_for, first, result.confidence, lang == "vi")
                    taken = (time.perf_counter() - begun) * 1000
                    # The product leaves out what cannot win; to learn from, all are read.
                    spans = read_spans(reader, result.searched_for, first)
                    row: Row = {
                        "lang": lang,
                        "mode": mode,
                        "id": question.id,
                        "gold": vi.sources[0],
                        "answers": vi.answers,
                        "confidence": result.confidence,
                        "milliseconds": taken,
                        "spans": [
                            {"text": s.text, "margin": s.score, "source": p.source, "score": p.score}
                            for p, s in zip(first, spans, strict=True)
                            if s.text
                        ],
                    }
                    out.write(json.dumps(row, ensure_ascii=False) + "\n")
                    rows.append(row)
    return rows


def best(row: Row) -> dict[str, Any]:
    """The span that `rag.reading` would take; an empty one when there is none."""
    nothing = {"text": "", "margin": -10.0, "source": "", "score": 0.0}
    return max(row["spans"], key=lambda s: s["margin"] + PRIOR * logit(s["score"]), default=nothing)


def inputs(rows: Iterable[Row]) -> npt.NDArray[np.float64]:
    """Logit of retrieval's confidence and the reader's margin, [questions, 2]."""
    return np.array([[logit(row["confidence"]), best(row)["margin"]] for row in rows])


def report(name: str, modes: dict[str, list[Row]], decision: Decision) -> None:
    """Print one block for one language."""
    columns = []
    for mode in ("gold", "open"):
        chosen = [(best(row), row) for row in modes[mode]]
        columns += [
            [exact_match(span["text"], row["answers"]) for span, row in chosen],
            [f1(span["text"], row["answers"]) for span, row in chosen],
        ]
    columns.append([float(best(row)["source"] == row["gold"]) for row in modes["open"]])
    figures = intervals.means(np.array(columns).T)
    labels = ("gold EM", "gold F1", "open EM", "open F1", "right paragraph")
    print(f"{name}: {len(modes['open'])} questions")
    for label, each in zip(labels, figures, strict=True):
        print(f"  {label:16} {each.value:.3f} [{each.low:.3f}, {each.high:.3f}]")
    print(f"  F1 kept          {figures[3].value / figures[1].value:.3f}")
    line = np.array([decision.retrieval, decision.margin])
    signals = {
        "retrieval": (inputs(modes["open"])[:, 0], inputs(modes["removed"])[:, 0]),
        "reader": (inputs(modes["open"])[:, 1], inputs(modes["removed"])[:, 1]),
        "together": (inputs(modes["open"]) @ line, inputs(modes["removed"]) @ line),
    }
    for label, (present, absent) in signals.items():
        print(f"  {label:10} AUROC {auroc(present, absent):.3f}, {_answered(present, absent)}")
    times = [row["milliseconds"] for row in modes["open"] if len(row["spans"]) == PASSAGES]
    median, most = np.quantile(times, [0.5, 0.9])
    print(f"  the best of {PASSAGES} passages found: median {median:.0f} ms, 90 % within {most:.0f} ms")


def _answered(present: npt.NDArray[np.float64], absent: npt.NDArray[np.float64]) -> str:
    wrong = (absent >= np.quantile(present, REFUSED)).mean()
    return f"still answered at {REFUSED:.0%} refused: {wrong:.3f}"


def fit(name: str, modes: dict[str, list[Row]]) -> None:
    """Print the logistic regression of open against removed, and what it gives on articles left out."""
    from eval.fit_retrieval import learn_logistic

    present, absent = inputs(modes["open"]), inputs(modes["removed"])
    x = np.concatenate([present, absent])
    y = np.arange(len(x)) < len(present)
    weights, offset = learn_logistic(x, y)
    cut = np.quantile(1 / (1 + np.exp(-(present @ weights + offset))), REFUSED)
    print(
        f"{name}: Decision(retrieval={weights[0]:.3f}, margin={weights[1]:.3f}, even={-offset:.3f}); "
        f"{REFUSED:.0%} refused below {cut:.3f}"
    )
    groups = np.array([row["gold"].split("/")[0] for row in [*modes["open"], *modes["removed"]]])
    held = np.empty(len(x))
    for group in np.unique(groups):
        out = groups == group
        weights, offset = learn_logistic(x[~out], y[~out])
        held[out] = x[out] @ weights + offset
    present, absent = held[: len(present)], held[len(present) :]
    print(f"  cross-validated by article: AUROC {auroc(present, absent):.3f}, {_answered(present, absent)}")
    for prior in (0.0, 0.4, 0.8, 1.2, 1.6, 2.4):
        print(f"  prior {prior}: open F1 {_open_f1(modes['open'], prior):.3f}")


def _open_f1(rows: Sequence[Row], prior: float) -> float:
    spans = [max(row["spans"], key=lambda s: s["margin"] + prior * logit(s["score"])) for row in rows]
    return float(np.mean([f1(s["text"], row["answers"]) for s, row in zip(spans, rows, strict=True)]))


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        prog="python -m eval.reading",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--xquad", type=Path, required=True, help="folder of xquad.vi.dev.json and …en…")
    parser.add_argument("--work", type=Path, required=True, help="folder for the index and what was read")
    parser.add_argument("--weights", type=Path, default=None, help="the reader's weights, if others")
    parser.add_argument("--fit", action="store_true", help="learn how to weigh retrieval and reader")
    options = parser.parse_args()
    rows = read_all(options.xquad, options.work, options.weights)
    for lang, decision in (("vi", SAME), ("en", CROSS)):
        modes = {mode: [r for r in rows if (r["lang"], r["mode"]) == (lang, mode)] for mode in MODES}
        if options.fit:
            fit(lang, modes)
        else:
            report(lang, modes, decision)


if __name__ == "__main__":
    main()
