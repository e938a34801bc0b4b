"""Linear fusion: what each leg says of a passage, made comparable, weighed and summed.

Every feature is absolute (a cosine, or a share of the question's idf mass), none is normalised over the
candidates, so that twelve chunks and twenty thousand are judged alike. The weights of a conditional logit
(softmax over the candidates of one question) were learned on the development half of XQuAD by
`python -m eval.retrieval --fit`: `SAME` on Vietnamese questions with and without diacritics, `CROSS` on
English questions, both against Vietnamese passages.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

FEATURES = (
    "passage",
    "sentence",
    "words",
    "pairs",
    "folded_words",
    "folded_pairs",
    "sentence_words",
    "exact",
)
"""Names of what is weighed, each about 0..1:

- `passage`, `sentence`: cosine of the question with the passage, with its best sentence, after what any
  question of that language would get is taken off;
- `words`, `pairs`, `folded_words`, `folded_pairs`: mean of BM25 and coverage, over the question's idf mass;
- `sentence_words`: coverage of the question's idf mass by the passage's best sentence;
- `exact`: the same share for numbers, dates and, across languages, names.
"""


@dataclass(frozen=True, slots=True)
class Weights:
    """Weight of each feature, in logits, and where a fused score becomes a probability of one half."""

    of: Mapping[str, float]
    even: float

    def fuse(self, features: Mapping[str, float]) -> float:
        """The fused score, in logits."""
        return sum(weight * features.get(name, 0.0) for name, weight in self.of.items())


SAME = Weights(
    {
        "passage": 40.0,
        "sentence": 40.0,
        "words": 4.0,
        "pairs": 2.5,
        "folded_words": 3.0,
        "folded_pairs": 2.5,
        "sentence_words": 3.0,
        "exact": 1.0,
    },
    even=45.0,
)
CROSS = Weights({"passage": 40.0, "sentence": 40.0, "exact": 2.0, "sentence_words": 0.5}, even=40.0)


def logistic(value: float) -> float:
    """1 / (1 + e^-value), without overflow."""
    if value >= 0:
        return 1 / (1 + math.exp(-value))
    power = math.exp(value)
    return power / (1 + power)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the best passages say about whether the answer is there at all."""

    sentence: float
    """Highest adjusted cosine of a sentence."""
    coverage: float
    """Highest share of the question's idf mass that one passage covers."""
    sentence_coverage: float
    """Highest share of it that one sentence covers."""
    margin: float
    """Fused score of the best passage above the second, in logits."""
    same_language: bool


def confidence(evidence: Evidence) -> float:
    """Probability that the passages hold the answer."""
    if evidence.same_language:
        return logistic(20 * evidence.sentence + 4 * evidence.coverage - 16)
    return logistic(20 * evidence.sentence + evidence.coverage - 10)
