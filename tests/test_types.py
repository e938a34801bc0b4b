"""Data between the modules: frozen, and turned into the JSON that the contract promises."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import replace

import pytest

from rag import types
from rag.types import Answer, Chunk, Citation, IndexReport, Passage, Sentence, Skipped

PASSAGE = Passage("p", "a.md", 0, 5, "Sáng.", score=0.91239, dense=0.5, lexical=1 / 3, title="Tin")
ANSWER = Answer(
    question="Ai?",
    standalone_question="Ai chủ trì?",
    language="vi",
    status="answered",
    answer="Ông Hải [1].",
    sentences=(Sentence("Ông Hải.", (1,), "supported"),),
    citations=(Citation(1, "a.md", "Sáng.", 0, 5, "ab" * 32),),
    retrieved=(PASSAGE,),
    engine="extractive",
    timings_ms={"retrieve": 1, "first_token": 2, "total": 3},
)


@pytest.mark.parametrize(
    "kind",
    [each for each in vars(types).values() if isinstance(each, type) and dataclasses.is_dataclass(each)],
)
def test_what_passes_between_modules_cannot_be_changed(kind: type) -> None:
    assert kind.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert "__dict__" not in dir(kind)


def test_a_chunk_is_embedded_with_its_context_but_quoted_without() -> None:
    chunk = Chunk("c", "a.md", 0, 0, 5, "Sáng.", context="Tin, 2023")
    assert chunk.embedded_text == "Tin, 2023\nSáng."
    assert chunk.text == "Sáng."
    assert replace(chunk, context="").embedded_text == "Sáng."


def test_a_passage_keeps_the_contract() -> None:
    entry = PASSAGE.to_dict()
    contract = {"source", "start", "end", "score", "dense", "lexical", "text"}
    assert contract <= set(entry)
    assert (entry["score"], entry["lexical"]) == (0.9124, 0.3333)
    assert not {"also_in", "explain", "sentences", "sentence_scores", "id"} & set(entry)


def test_a_passage_tells_its_copies_and_reasons_when_it_has_some() -> None:
    entry = replace(PASSAGE, also_in=("b.md",), explain={"rank": 1}).to_dict()
    assert (entry["also_in"], entry["explain"]) == (["b.md"], {"rank": 1})


def test_an_answer_keeps_the_contract_and_is_json() -> None:
    data = json.loads(json.dumps(ANSWER.to_dict(), ensure_ascii=False))
    assert list(data)[:10] == [
        "question",
        "standalone_question",
        "language",
        "status",
        "answer",
        "sentences",
        "citations",
        "retrieved",
        "engine",
        "timings_ms",
    ]
    assert data["sentences"] == [{"text": "Ông Hải.", "citations": [1], "verdict": "supported"}]
    contract = {"n", "source", "title", "published", "outlet", "url", "quote", "start", "end", "sha256"}
    assert set(data["citations"][0]) == contract
    assert data["retrieved"] == [PASSAGE.to_dict()]
    assert not {"searched_for", "notice", "tokens"} & set(data)


def test_an_answer_tells_what_went_wrong_and_what_was_searched() -> None:
    data = replace(ANSWER, notice="Cut off.", searched_for="ai chủ trì", tokens={"prompt": 3}).to_dict()
    assert (data["notice"], data["searched_for"], data["tokens"]) == ("Cut off.", "ai chủ trì", {"prompt": 3})


def test_a_report_keeps_the_contract() -> None:
    report = IndexReport(3, 9, 1, 1, 2, 1, (Skipped("x.pdf", "encrypted"),), 1.23456, "g1")
    assert report.to_dict() == {
        "articles": 3,
        "chunks": 9,
        "added": 1,
        "updated": 1,
        "removed": 2,
        "unchanged": 1,
        "skipped": [{"source": "x.pdf", "reason": "encrypted"}],
        "seconds": 1.235,
        "generation": "g1",
    }
