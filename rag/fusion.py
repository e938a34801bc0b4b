"""Linear fusion: what each leg says of a passage, made comparable, weighed and summed.

Every feature is absolute (a cosine, or a share of the question's idf mass), none is normalised over the
candidates, so that twelve chunks and twenty thousand are judged alike. The weights of a conditional logit
(softmax over the candidates of one question) were learned on the development half of XQuAD by
`python -m eval.retrieval --fit`: `SAME` on Vietnamese questions with and without diacritics, `CROSS` on
English questions, both against Vietnamese passages.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

FEATURES = (
    "passage",
    "sentence",
    "words",
    "pairs",
    "folded_words",
    "folded_pairs",
    "coverage",
    "sentence_words",
    "exact",
    "concepts",
    "sentence_concepts",
)
"""Names of what is weighed, each about 0..1:

- `passage`, `sentence`: cosine of the question with the passage, with its best sentence, after what any
  question of that language would get is taken off;
- `words`, `pairs`, `folded_words`, `folded_pairs`: mean of BM25 and coverage, over the question's idf mass;
- `coverage`: share of the idf mass of all syllables and pairs that stands in the passage;
- `sentence_words`: coverage of the question's idf mass by the passage's best sentence;
- `exact`: the same as `words` for numbers and dates;
- `concepts`, `sentence_concepts`: across languages, the share of names, numbers and translated words that the
  passage, or its best sentence, holds.
"""


@dataclass(frozen=True, slots=True)
class Weights:
    """Weight of each feature, in logits, and where a fused score becomes a probability of one half."""

    name: str
    """`same` or `cross`: whether question and passage share a language."""
    of: Mapping[str, float]
    even: float

    def fuse(self, features: Mapping[str, Floats]) -> Floats:
        """The fused scores of some passages, in logits [passages], from their features, [passages] each."""
        weighed = [weight * features[name] for name, weight in self.of.items()]
        return functools.reduce(np.add, weighed)


SAME = Weights(
    "same",
    {
        "passage": 37.9,
        "sentence": 38.9,
        "words": 2.4,
        "pairs": 1.6,
        "folded_words": 1.7,
        "folded_pairs": 1.6,
        "coverage": 2.2,
        "sentence_words": 2.0,
        "exact": 1.0,
    },
    even=56.5,
)
CROSS = Weights(
    "cross", {"passage": 28.1, "sentence": 28.2, "concepts": 2.4, "sentence_concepts": 2.1}, even=26.4
)
"""As learned, times 0.6: then a logit means the same in both, and a corpus may mix languages."""


SPREAD = 0.6
"""Logits behind the best passage by which the chance of holding the answer falls to 1/e. It is that of the
softmax the weights were learned with, and the best of those tried on the development half (Brier score)."""


def passage_score(confidence: float, behind: float) -> float:
    """Chance that a passage holds the answer, so many logits behind the best one; falls with the rank."""
    return confidence * math.exp(-behind / SPREAD)


def logistic(value: float) -> float:
    """1 / (1 + e^-value), without overflow."""
    if value >= 0:
        return 1 / (1 + math.exp(-value))
    power = math.exp(value)
    return power / (1 + power)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the best passage says about whether the answer is there at all.

    How far it is ahead of the next one would tell more on XQuAD (AUROC .948 instead of .943), but not in a
    corpus where several articles report the same event.
    """

    sentence: float
    """Adjusted cosine of its best sentence."""
    coverage: float
    """Share of the question's idf mass (of its concepts, in another language) that it covers."""
    together: float
    """Best of its sentences by `sentence_scores`."""
    same_language: bool


def sentence_scores(cosines: npt.NDArray[np.floating], covered: Floats) -> Floats:
    """How well sentences fit a question: four parts adjusted cosine, one part idf mass covered; 0..1."""
    return np.clip((4 * cosines + covered) / 5, 0.0, 1.0)


def confidence(evidence: Evidence) -> float:
    """Probability that the passages hold the answer."""
    if evidence.same_language:
        return logistic(18.2 * evidence.sentence + 9.4 * evidence.coverage + 15.4 * evidence.together - 25.1)
    return logistic(19.1 * evidence.sentence + 1.9 * evidence.coverage + 15.0 * evidence.together - 14.9)
