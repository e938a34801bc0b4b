"""Measure the reader: `python -m eval.reader.evaluate --vi FILE --en FILE`, or a checkpoint of the training.

Exact match and F1 as in SQuAD, with the gold paragraph given; F1 of English questions on the
Vietnamese text; AUROC of the no-answer score, gold paragraph against a sibling of the same article.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import string
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer

from eval.reader.data import END, Cutter
from eval.reader.network import Reader, from_embedder

LONGEST_ANSWER = 40


@dataclass(frozen=True, slots=True)
class Prediction:
    """The best span of a passage and how much better it is than no answer."""

    text: str
    margin: float


def normalise(text: str) -> str:
    """SQuAD's: lower case, no punctuation, no English articles, single spaces; NFC."""
    text = unicodedata.normalize("NFC", text).lower()
    text = "".join(" " if character in string.punctuation else character for character in text)
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", text).split())


def overlap(predicted: str, gold: str) -> float:
    """F1 of the words of two answers."""
    mine, theirs = normalise(predicted).split(), normalise(gold).split()
    common = sum((Counter(mine) & Counter(theirs)).values())
    return 2 * common / (len(mine) + len(theirs)) if common else 0.0


def best_span(start: np.ndarray, end: np.ndarray) -> tuple[int, int, float]:
    """First and last token with the highest sum of logits, at most LONGEST_ANSWER tokens."""
    scores = start[:, None] + end[None, :]
    allowed = np.tril(np.triu(np.ones_like(scores)), LONGEST_ANSWER - 1)
    scores = np.where(allowed > 0, scores, -np.inf)
    first, last = np.unravel_index(scores.argmax(), scores.shape)
    return int(first), int(last), float(scores[first, last])


def load_checkpoint(embedder: Path, checkpoint: Path, average: bool = True) -> Reader:
    """The network with the checkpoint's (averaged) weights."""
    model = from_embedder(embedder)
    state = torch.load(checkpoint, weights_only=True)
    flat = state["average" if average else "master"]
    own = dict(model.named_parameters())
    at = 0
    with torch.no_grad():
        for name in state["names"]:
            size = own[name].numel()
            own[name].copy_(flat[at : at + size].view(own[name].shape))
            at += size
    return model.eval()


@torch.no_grad()
def predict(
    model: Reader, cutter: Cutter, pairs: Sequence[tuple[str, str]], limit: int = 510, batch: int = 12
) -> list[Prediction]:
    """(question, passage) pairs → predictions, in order. A passage too long for the model is cut off."""
    encoded = []
    for question, passage in pairs:
        head = cutter.head(question)
        encoding = cutter.tokenizer.encode(passage, add_special_tokens=False)
        room = limit - len(head) - 1
        encoded.append(([*head, *encoding.ids[:room], END], len(head), encoding.offsets[:room]))
    order = sorted(range(len(pairs)), key=lambda i: len(encoded[i][0]))
    predictions: dict[int, Prediction] = {}
    for begin in range(0, len(order), batch):
        rows = order[begin : begin + batch]
        ids = torch.tensor([i for row in rows for i in encoded[row][0]])
        logits = model(ids, [len(encoded[row][0]) for row in rows]).float().numpy()
        for row, output in zip(rows, logits, strict=True):
            _, first, offsets = encoded[row]
            inside = output[first : first + len(offsets)]
            a, b, score = best_span(inside[:, 0], inside[:, 1])
            text = pairs[row][1][offsets[a][0] : offsets[b][1]].strip()
            predictions[row] = Prediction(text, score - float(output[0].sum()))
    return [predictions[row] for row in range(len(pairs))]


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """How often a positive scores above a negative, ties counting half."""
    values = np.array(positive)[:, None] - np.array(negative)[None, :]
    return float((values > 0).mean() + 0.5 * (values == 0).mean())


def questions_of(path: Path) -> list[dict[str, Any]]:
    """SQuAD v1.1 file → one entry a question: question, passage, answers, and the siblings' texts."""
    entries = []
    for article in json.loads(path.read_text(encoding="utf-8"))["data"]:
        texts = [paragraph["context"] for paragraph in article["paragraphs"]]
        for number, paragraph in enumerate(article["paragraphs"]):
            for qa in paragraph["qas"]:
                entries.append(
                    {
                        "question": qa["question"],
                        "passage": texts[number],
                        "answers": [answer["text"] for answer in qa["answers"]],
                        "siblings": [text for i, text in enumerate(texts) if i != number],
                    }
                )
    return entries


def score(predictions: Sequence[Prediction], entries: Sequence[dict[str, Any]]) -> tuple[float, float]:
    """Mean exact match and F1 over the questions, the best of each question's answers counting."""
    pairs = [(p.text, e["answers"]) for p, e in zip(predictions, entries, strict=True)]
    exact = [any(normalise(text) == normalise(gold) for gold in answers) for text, answers in pairs]
    f1 = [max(overlap(text, gold) for gold in answers) for text, answers in pairs]
    return float(np.mean(exact)), float(np.mean(f1))


Predict = Callable[[Sequence[tuple[str, str]]], list[Prediction]]


def measure(predict: Predict, vi: Path, en: Path, sample: int | None, seed: int = 0) -> dict[str, float]:
    """The figures of this module's docstring over `sample` questions (all when None)."""
    vietnamese, english = questions_of(vi), questions_of(en)
    rng = random.Random(seed)
    chosen = sorted(rng.sample(range(len(vietnamese)), sample)) if sample else range(len(vietnamese))
    vietnamese, english = [vietnamese[i] for i in chosen], [english[i] for i in chosen]
    gold = predict([(e["question"], e["passage"]) for e in vietnamese])
    cross = predict([(q["question"], e["passage"]) for q, e in zip(english, vietnamese, strict=True)])
    wrong = predict([(e["question"], rng.choice(e["siblings"])) for e in vietnamese])
    exact, f1 = score(gold, vietnamese)
    english_exact, english_f1 = score(cross, vietnamese)
    present, absent = [p.margin for p in gold], [p.margin for p in wrong]
    return {
        "questions": len(vietnamese),
        "em": exact,
        "f1": f1,
        "english_em": english_exact,
        "english_f1": english_f1,
        "auroc": auroc(present, absent),
        "absent_answered_at_10_percent_refused": float(np.mean(np.array(absent) > np.quantile(present, 0.1))),
    }


def with_checkpoint(options: argparse.Namespace) -> Predict:
    """Predictions of a checkpoint, in torch."""
    torch.set_num_threads(1)
    model = load_checkpoint(options.embedder, options.checkpoint, average=not options.last)
    model.to(torch.bfloat16)
    cutter = Cutter(Tokenizer.from_file(str(options.embedder / "tokenizer.json")))
    return lambda pairs: predict(model, cutter, pairs)


def with_weights(weights: Path | None) -> Predict:
    """Predictions of the product's reader, with the weights it ships or others."""
    from rag.reader import load_reader
    from rag.settings import load_settings

    reader = load_reader(load_settings(), weights=weights)

    def read(pairs: Sequence[tuple[str, str]]) -> list[Prediction]:
        spans = [reader.read(question, [passage])[0] for question, passage in pairs]
        return [Prediction(span.text, span.score) for span in spans]

    return read


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(
        prog="python -m eval.reader.evaluate", description="Measure the reader on SQuAD files."
    )
    parser.add_argument("--vi", type=Path, required=True, help="Vietnamese questions and paragraphs")
    parser.add_argument("--en", type=Path, required=True, help="the same in English, in the same order")
    parser.add_argument(
        "--weights", type=Path, default=None, help="folder of exported weights; the shipped ones"
    )
    parser.add_argument(
        "--checkpoint", type=Path, default=None, help="measure this checkpoint of the training"
    )
    parser.add_argument(
        "--embedder", type=Path, default=None, help="Sentence Transformers folder, for --checkpoint"
    )
    parser.add_argument(
        "--last", action="store_true", help="the checkpoint's last weights, not their average"
    )
    parser.add_argument("--sample", type=int, default=None, help="only so many questions")
    options = parser.parse_args()
    predictor = with_checkpoint(options) if options.checkpoint else with_weights(options.weights)
    figures = measure(predictor, options.vi, options.en, options.sample)
    print(json.dumps({name: round(value, 4) for name, value in figures.items()}))


if __name__ == "__main__":
    main()
