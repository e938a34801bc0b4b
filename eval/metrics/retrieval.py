"""Ranking metrics over sources, computed by ir-measures.

A ranking lists sources, best first. A source that comes again (another passage of the same article) is
dropped: its first place counts. Every source named by the question is relevant, with grade 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rag.errors import RagError

NAMES = ("R@1", "R@5", "R@10", "MRR", "nDCG@10")


def collapse(ranking: Sequence[str]) -> list[str]:
    """Each source once, at its first place."""
    return list(dict.fromkeys(ranking))


def score(
    rankings: Mapping[str, Sequence[str]], gold: Mapping[str, Sequence[str]]
) -> dict[str, dict[str, float]]:
    """Score every question of `gold`; one without a ranking gets zero everywhere.

    - R@k: relevant sources among the first k / relevant sources. With two of them, R@1 is at most 1/2.
    - MRR: 1 / place of the first relevant source within the first 10, else 0 (Voorhees, TREC-8 1999).
    - nDCG@10: sum of 1 / log2(place + 1) over the relevant sources within the first 10, divided by the same
      sum for the best possible order (Järvelin and Kekäläinen 2002).

    Args:
        rankings: question id → sources, best first; repeated sources are collapsed here.
        gold: question id → relevant sources, at least one each.
    Returns:
        question id → name of the metric (`NAMES`) → value from 0 to 1.
    Raises:
        RagError: ir-measures is not installed.
    """
    try:
        import ir_measures
        from ir_measures import RR, R, nDCG
    except ModuleNotFoundError:
        raise RagError("ir-measures is not installed.", "Install it: pip install '.[eval]'.") from None

    measures = dict(zip(NAMES, (R @ 1, R @ 5, R @ 10, RR @ 10, nDCG @ 10), strict=True))
    names = {str(measure): name for name, measure in measures.items()}
    qrels = [ir_measures.Qrel(each, source, 1) for each, sources in gold.items() for source in set(sources)]
    found = [
        ir_measures.ScoredDoc(each, source, -float(place))
        for each in gold
        for place, source in enumerate(collapse(rankings.get(each, ())))
    ]
    values = {each: dict.fromkeys(NAMES, 0.0) for each in gold}
    if found:
        for metric in ir_measures.iter_calc(list(measures.values()), qrels, found):
            values[metric.query_id][names[str(metric.measure)]] = float(metric.value)
    return values
