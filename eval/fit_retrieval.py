"""Learn the weights of rag/fusion.py on the development half of XQuAD: `python -m eval.retrieval --fit`.

Ranking is a conditional logit: over the candidates of one question, softmax(weights · features) should put
its mass on the passage that answers. Probabilities come after: one logistic turns the fused score of a
passage into its chance of being the one, another the evidence of a search into the chance that the answer
is there at all (gold passage present against left out). Every figure printed is cross-validated over SQuAD
articles, so that no question is judged by weights that saw its article; the weights printed are learned on
all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from eval.retrieval import Case, auroc
from rag.fusion import CROSS, FEATURES, SAME, Evidence
from rag.retrieve import Retriever, evidence
from rag.types import Filters

FOLDS = 8
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Seen:
    """One question: features [candidates, features], which candidate is right, its article."""

    features: Floats
    gold: int
    group: int
    present: Evidence
    absent: Evidence


def look(retriever: Retriever, cases: Sequence[Case]) -> list[Seen]:
    """Search for every question, with the right passage and without it."""
    seen = []
    for case in cases:
        _, candidates = retriever.candidates(case.question)
        sources = [candidate.reading.chunk.source for candidate in candidates]
        _, others = retriever.candidates(case.question, Filters(exclude=(case.source,)))
        if case.source in sources:
            features = [[c.features.get(name, 0.0) for name in FEATURES] for c in candidates]
            gold = sources.index(case.source)
            seen.append(Seen(np.array(features), gold, case.group, evidence(candidates), evidence(others)))
    return seen


def learn_ranking(seen: Sequence[Seen], names: Sequence[str], decay: float) -> Floats:
    """Weights of the named features that make the right candidates likeliest, shrunk by `decay`."""
    from scipy.optimize import minimize

    columns = [FEATURES.index(name) for name in names]
    scale = np.array([_scale(name) for name in names])
    blocks = [entry.features[:, columns] * scale for entry in seen]

    def loss(weights: Floats) -> tuple[float, Floats]:
        value, slope = decay * float(weights @ weights), 2 * decay * weights
        for block, entry in zip(blocks, seen, strict=True):
            logits = block @ weights
            logits -= logits.max()
            chance = np.exp(logits)
            chance /= chance.sum()
            value -= float(np.log(chance[entry.gold] + 1e-12)) / len(seen)
            slope += (chance @ block - block[entry.gold]) / len(seen)
        return value, slope

    found = minimize(
        loss, np.ones(len(names)), jac=True, method="L-BFGS-B", bounds=[(0, None)] * len(names)
    ).x
    weights: Floats = found * scale
    return weights


def learn_logistic(inputs: Floats, labels: npt.NDArray[np.bool_]) -> tuple[Floats, float]:
    """Weights and offset of a logistic regression without shrinking."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=100.0, max_iter=2000).fit(inputs, labels)
    return model.coef_[0], float(model.intercept_[0])


def fit(retriever: Retriever, sets: dict[str, list[Case]]) -> None:
    """Learn both sets of weights and print them with cross-validated figures."""
    searched = {name: look(retriever, cases) for name, cases in sets.items()}
    same = searched["Vietnamese"] + searched["without diacritics"]
    for title, seen, names in (("SAME", same, list(SAME.of)), ("CROSS", searched["English"], list(CROSS.of))):
        for decay in (1e-4, 1e-3, 1e-2):
            print(
                f"{title} decay {decay}: " + "  ".join(_held_out(seen, searched, sets, names, decay, title))
            )
        weights = learn_ranking(seen, names, 1e-3)
        print(
            "  weights", {name: round(float(weight), 2) for name, weight in zip(names, weights, strict=True)}
        )
        fused = [entry.features[:, [FEATURES.index(name) for name in names]] @ weights for entry in seen]
        tops = [np.argsort(-scores)[:5] for scores in fused]
        inputs = np.concatenate([scores[top] for scores, top in zip(fused, tops, strict=True)])[:, None]
        labels = np.concatenate([top == entry.gold for entry, top in zip(seen, tops, strict=True)])
        slope, offset = learn_logistic(inputs, labels)
        print(f"  one passage: slope {slope[0]:.3f}, even at {-offset / slope[0]:.2f}")
        _confidence(seen)


def _held_out(
    seen: Sequence[Seen],
    searched: dict[str, list[Seen]],
    sets: dict[str, list[Case]],
    names: Sequence[str],
    decay: float,
    title: str,
) -> list[str]:
    """Recall at 1 and 5 of each set of questions, by weights learned on other articles. A question whose
    passage was not among the candidates counts as missed."""
    columns = [FEATURES.index(name) for name in names]
    figures = []
    by_fold = [
        learn_ranking([entry for entry in seen if entry.group % FOLDS != fold], names, decay)
        for fold in range(FOLDS)
    ]
    for name, entries in searched.items():
        if (name == "English") == (title == "CROSS"):
            scores = [entry.features[:, columns] @ by_fold[entry.group % FOLDS] for entry in entries]
            ranks = np.array([(s > s[entry.gold]).sum() for s, entry in zip(scores, entries, strict=True)])
            first, fifth = ((ranks < depth).sum() / len(sets[name]) for depth in (1, 5))
            figures.append(f"{name} R@1 {first:.3f} R@5 {fifth:.3f}")
    return figures


def _confidence(seen: Sequence[Seen]) -> None:
    """Learn and print how evidence becomes confidence, for growing sets of it."""
    names = [field.name for field in fields(Evidence) if field.name != "same_language"]
    rows = np.array([astuple(side)[: len(names)] for entry in seen for side in (entry.present, entry.absent)])
    labels = np.tile([True, False], len(seen))
    folds = np.repeat([entry.group % FOLDS for entry in seen], 2)
    for chosen in (names[:1], names[:2], names):
        inputs = rows[:, [names.index(name) for name in chosen]]
        held_out = np.zeros(len(labels))
        for fold in range(FOLDS):
            weights, offset = learn_logistic(inputs[folds != fold], labels[folds != fold])
            held_out[folds == fold] = inputs[folds == fold] @ weights + offset
        weights, offset = learn_logistic(inputs, labels)
        learned: dict[str, Any] = {name: round(float(w), 2) for name, w in zip(chosen, weights, strict=True)}
        area = auroc(held_out[labels], held_out[~labels])
        print(f"  confidence {learned} offset {offset:.2f}: AUROC {area:.3f}")


def _scale(name: str) -> float:
    """Cosines spread over a tenth of the range of the shares; shrinking should treat them alike."""
    return 10.0 if name in ("passage", "sentence") else 1.0
