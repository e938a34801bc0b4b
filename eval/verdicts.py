"""How good are the verdicts? `python -m eval.verdicts [--show]`: pairs of a right and a wrong sentence.

`verdicts.jsonl` holds such pairs over the articles in `corpus/`, written by hand: one detail of the right
sentence (`kind`: an office, a rank, a name, a number …) is changed in the wrong one. Each sentence is bound
to the article and checked as the sentence of an answer is. A right one should be `supported`; a wrong one
should not.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from eval.check_questions import CORPUS, read_articles
from eval.intervals import Estimate, means
from rag.citations import Statement, bind
from rag.evidence import Evidence
from rag.sentences import sentence_spans
from rag.types import Article, Passage, Verdict
from rag.verify import check

PAIRS = Path(__file__).parent / "verdicts.jsonl"
PASSAGE_SENTENCES = 6
"""So many sentences are known around a quote, about as many as a passage has."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One sentence, whether it is right, and what checking it gave."""

    id: str
    lang: str
    kind: str
    sentence: str
    right: bool
    verdict: Verdict


def passages(article: Article) -> list[Passage]:
    """The article in pieces of six sentences."""
    spans = sentence_spans(article.text)
    pieces = [spans[i : i + PASSAGE_SENTENCES] for i in range(0, len(spans), PASSAGE_SENTENCES)]
    return [
        Passage(
            id=f"{article.source}:{piece[0][0]}",
            source=article.source,
            start=piece[0][0],
            end=piece[-1][1],
            text=article.text[piece[0][0] : piece[-1][1]],
            score=0.5,
            dense=0.5,
            lexical=0.5,
            title=article.title,
            published=article.published,
            place=article.place,
            sentences=tuple(piece),
        )
        for piece in pieces
    ]


def verdict(sentence: str, article: Article, lang: str, question: str = "") -> Verdict:
    """Bind the sentence to the article's sentences and check it against them."""
    found = tuple(passages(article))
    evidence = [Evidence("WQ", found, tuple((each, span) for each in found for span in each.sentences))]
    quotes = bind(Statement(sentence, ("WQ",)), evidence, lang)
    around = dict.fromkeys(
        f"{q.passage.title}\n{q.passage.place}\n{q.passage.published}\n{q.passage.text}" for q in quotes
    )
    support = "\n".join(quote.text for quote in quotes)
    return check(sentence, support, context="\n".join(around), language=lang, question=question)


def judge_all(pairs: Path, articles: Sequence[Article]) -> list[Judged]:
    """Both sentences of every pair."""
    by_source = {article.source: article for article in articles}
    judged = []
    for line in pairs.read_text(encoding="utf-8").splitlines():
        pair = json.loads(line)
        for name in ("right", "wrong"):
            found = verdict(pair[name], by_source[pair["source"]], pair["lang"], pair.get("question", ""))
            judged.append(Judged(pair["id"], pair["lang"], pair["kind"], pair[name], name == "right", found))
    return judged


def rates(judged: Sequence[Judged]) -> dict[str, Estimate]:
    """Of the verdict "not supported": its precision and recall; and the share of right ones refused."""
    flagged = np.array([each.verdict != "supported" for each in judged], float)
    wrong = np.array([not each.right for each in judged])
    return {
        "precision (what is not supported is wrong)": means(wrong[flagged == 1].astype(float)[:, None])[0],
        "recall (what is wrong is not supported)": means(flagged[wrong][:, None])[0],
        "false alarms (what is right is not supported)": means(flagged[~wrong][:, None])[0],
        "right ones left out (unsupported)": means(
            np.array([each.verdict == "unsupported" for each in judged if each.right], float)[:, None]
        )[0],
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the rates, and on request each sentence that was judged wrongly."""
    parser = argparse.ArgumentParser(prog="python -m eval.verdicts", description=__doc__)
    parser.add_argument("--corpus", type=Path, default=CORPUS, metavar="DIR")
    parser.add_argument("--show", action="store_true", help="print the sentences that were judged wrongly")
    options = parser.parse_args(arguments)
    judged = judge_all(PAIRS, read_articles(options.corpus))
    for each in judged:
        if options.show and each.right != (each.verdict == "supported"):
            truth = "right" if each.right else "wrong"
            print(f"{each.id} {each.kind} {truth}: {each.verdict}: {each.sentence}")
    for lang in ("all", *dict.fromkeys(each.lang for each in judged)):
        chosen = [each for each in judged if lang in ("all", each.lang)]
        counts = Counter((each.right, each.verdict) for each in chosen)
        print(f"{lang}: {len(chosen)} sentences, {dict(counts)}")
        for name, share in rates(chosen).items():
            print(f"  {name:48} {share.value:.3f} [{share.low:.3f}, {share.high:.3f}]")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
