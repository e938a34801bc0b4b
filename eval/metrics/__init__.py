"""The metrics: what each is called, which way is better, how it is computed, and where it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Unit = Literal["share", "ms", "tokens"]


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure of the report. Shares run from 0 to 1."""

    key: str
    title: str
    group: Literal["retrieval", "answer", "citation", "abstention", "speed"]
    better: Literal["high", "low"]
    over: Literal["answerable", "unanswerable", "all"]
    """Questions over which the mean is taken. Where an assistant gave no answer, it scores 0."""
    formula: str
    unit: Unit = "share"


_ALCE = "ALCE, Gao et al. 2023"
_SHORT = "the short answer where one is marked, else the whole"
_SQUAD = "SQuAD 1.1, Rajpurkar et al. 2016; normal form for Vietnamese in eval/metrics/text.py"

METRICS: tuple[Metric, ...] = (
    Metric(
        "R@1",
        "Recall at 1",
        "retrieval",
        "high",
        "answerable",
        "sources found in the first place / sources named",
    ),
    Metric(
        "R@5",
        "Recall at 5",
        "retrieval",
        "high",
        "answerable",
        "sources found in the first 5 places / sources named",
    ),
    Metric(
        "R@10",
        "Recall at 10",
        "retrieval",
        "high",
        "answerable",
        "sources found in the first 10 places / sources named",
    ),
    Metric(
        "MRR",
        "Mean reciprocal rank",
        "retrieval",
        "high",
        "answerable",
        "1 / place of the first right source, 0 beyond 10",
    ),
    Metric(
        "nDCG@10",
        "nDCG at 10",
        "retrieval",
        "high",
        "answerable",
        "sum of 1/log2(place + 1) of right sources / that of the best order (Järvelin and Kekäläinen 2002)",
    ),
    Metric("em", "Exact match", "answer", "high", "answerable", f"{_SHORT} = an accepted answer ({_SQUAD})"),
    Metric(
        "f1",
        "F1",
        "answer",
        "high",
        "answerable",
        f"2PR/(P+R) over words shared with {_SHORT}, best accepted answer ({_SQUAD})",
    ),
    Metric(
        "contains",
        "Contains the answer",
        "answer",
        "high",
        "answerable",
        "an accepted answer stands whole in the answer; where several facts are asked for, all of them",
    ),
    Metric(
        "facts",
        "Facts told",
        "answer",
        "high",
        "answerable",
        "facts told / facts asked for; the same as Contains where one fact is asked for",
    ),
    Metric(
        "right",
        "Right outcome",
        "answer",
        "high",
        "all",
        "contains the answer, or refused where there is none",
    ),
    Metric(
        "quote_recall",
        "Citation recall, exact quote",
        "citation",
        "high",
        "answerable",
        f"sentences whose quotes hold an accepted answer / sentences ({_ALCE})",
    ),
    Metric(
        "quote_precision",
        "Citation precision, exact quote",
        "citation",
        "high",
        "answerable",
        f"citations of use / citations, judged by the accepted answer ({_ALCE})",
    ),
    Metric(
        "source_recall",
        "Citation recall, gold source",
        "citation",
        "high",
        "answerable",
        f"sentences that cite a source known to hold the answer / sentences ({_ALCE})",
    ),
    Metric(
        "source_precision",
        "Citation precision, gold source",
        "citation",
        "high",
        "answerable",
        f"citations of use / citations, judged by the source ({_ALCE})",
    ),
    Metric(
        "words_recall",
        "Citation recall, words",
        "citation",
        "high",
        "answerable",
        f"sentences whose numbers and 3/4 of other words stand in their quotes / sentences ({_ALCE})",
    ),
    Metric(
        "words_precision",
        "Citation precision, words",
        "citation",
        "high",
        "answerable",
        f"citations of use / citations, judged by words ({_ALCE})",
    ),
    Metric(
        "verbatim",
        "Quotes that stand where they say",
        "citation",
        "high",
        "all",
        "citations with quote = article[start:end] / citations; over answers with citations",
    ),
    Metric(
        "support",
        "Sentences marked supported",
        "citation",
        "high",
        "all",
        "sentences with the verdict 'supported' / sentences; the assistant's own verdict; over answers given",
    ),
    Metric(
        "refused",
        "Answerable but refused",
        "abstention",
        "low",
        "answerable",
        "refused / answerable questions",
    ),
    Metric(
        "fooled",
        "Unanswerable but answered",
        "abstention",
        "low",
        "unanswerable",
        "answered / unanswerable questions; a failure counts as answered",
    ),
    Metric(
        "risk", "Wrong among the answers given", "abstention", "low", "all", "wrong answers / answers given"
    ),
    Metric(
        "aurc",
        "Area under the risk–coverage curve",
        "abstention",
        "low",
        "all",
        "mean over k = 1…n of the wrong share among the k most confident; refused ones last, as wrong"
        " (Geifman and El-Yaniv 2017); above 0 even at best where questions have no answer",
    ),
    Metric(
        "first_token_p50",
        "First token, median",
        "speed",
        "low",
        "all",
        "from the question to the first words",
        "ms",
    ),
    Metric(
        "first_token_p90",
        "First token, 90 %",
        "speed",
        "low",
        "all",
        "90 % of the questions are faster",
        "ms",
    ),
    Metric(
        "total_p50",
        "Whole answer, median",
        "speed",
        "low",
        "all",
        "from the question to the checked answer",
        "ms",
    ),
    Metric(
        "total_p90", "Whole answer, 90 %", "speed", "low", "all", "90 % of the questions are faster", "ms"
    ),
    Metric(
        "prompt_tokens", "Prompt tokens", "speed", "low", "all", "mean, as the engine counts them", "tokens"
    ),
    Metric(
        "answer_tokens", "Answer tokens", "speed", "low", "all", "mean, as the engine counts them", "tokens"
    ),
)
BY_KEY = {metric.key: metric for metric in METRICS}
PER_QUESTION = tuple(
    metric.key for metric in METRICS if metric.key != "aurc" and not metric.key.endswith(("_p50", "_p90"))
)
"""Those that are a mean of one value a question."""
