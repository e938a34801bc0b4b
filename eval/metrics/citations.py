"""Citation recall and precision after ALCE (Gao et al. 2023, section 4), with judges that need no model.

ALCE asks a language-inference model whether cited text supports a sentence. Here that judge is one of:

- `exact quote`: the quotes hold an accepted answer, whole and in a row;
- `gold source`: one of the quotes comes from a source that is known to hold the answer;
- `words`: every number of the sentence and at least three quarters of its other words stand in the quotes.
  It looks at the sentence and not at the question, as ALCE does, so it also judges sentences that are beside
  the point; it cannot see that a quote in another language supports the sentence.

Recall of an answer: share of its sentences that carry a citation and are supported by all their quotes
together. Precision: share of its citations that are of use: the sentence is supported, and the citation
either supports it alone or is needed, that is, the others without it do not. An answer without citations has
recall and precision 0.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from eval.metrics.text import contains, strip_markers, tokens

COVERED = 0.75
"""Share of a sentence's words that the judge `words` wants to find in the quotes."""


class Cited(NamedTuple):
    """What one citation points to."""

    source: str
    quote: str


Judge = Callable[[str, Sequence[Cited]], bool]
"""(sentence, quotes) → whether the quotes together support the sentence."""


def exact_quote(accepted: Sequence[str]) -> Judge:
    """The quotes hold one of the accepted answers."""
    return lambda _, cited: any(contains(each.quote, accepted) for each in cited)


def gold_source(sources: Collection[str]) -> Judge:
    """One of the quotes comes from one of these sources."""
    return lambda _, cited: any(each.source in sources for each in cited)


def words(sentence: str, cited: Sequence[Cited]) -> bool:
    """All numbers and three quarters of the other words of the sentence stand in the quotes."""
    said = tokens(strip_markers(sentence))
    told = {token for each in cited for token in tokens(each.quote)}
    numbers = [token for token in said if any(char.isdigit() for char in token)]
    others = [token for token in said if token not in numbers]
    covered = sum(token in told for token in others)
    return bool(said) and all(number in told for number in numbers) and covered >= COVERED * len(others)


def recall(sentences: Sequence[tuple[str, Sequence[Cited]]], judge: Judge) -> float:
    """Supported sentences / sentences."""
    if not sentences:
        return 0.0
    return sum(bool(cited) and judge(text, cited) for text, cited in sentences) / len(sentences)


def precision(sentences: Sequence[tuple[str, Sequence[Cited]]], judge: Judge) -> float:
    """Citations that are of use / citations."""
    total = sum(len(cited) for _, cited in sentences)
    if not total:
        return 0.0
    return sum(_useful(text, cited, judge) for text, cited in sentences) / total


def _useful(text: str, cited: Sequence[Cited], judge: Judge) -> int:
    if not cited or not judge(text, cited):
        return 0
    useful = 0
    for i, each in enumerate(cited):
        rest = [other for j, other in enumerate(cited) if j != i]
        useful += judge(text, [each]) or not (rest and judge(text, rest))
    return useful
