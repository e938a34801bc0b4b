"""An answer as LangChain knows it: standard citations on a standard message."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from fake_assistant import ANSWER
from langchain_core.messages import (
    AIMessage,
    HumanMessage,
    SystemMessage,
    messages_from_dict,
    messages_to_dict,
)
from langchain_core.output_parsers import StrOutputParser

import rag.assistant
from rag.annotations import as_message, conversation
from rag.types import Answer, Citation, Sentence, Turn
from tests.test_assistant import OPENING, assistant  # noqa: F401 - a fixture

CITED = [
    Citation(n, f"{n}.md", f"Câu {n}.", 10 * n, 10 * n + 6, "ab" * 32, title=f"Bài {n}", url=url)
    for n, url in ((1, "https://example.org/1"), (2, "javascript:alert(1)"))
]
TWICE = Answer(
    question="?",
    standalone_question="?",
    language="vi",
    status="answered",
    answer="Ông Hải [1][2] Bà Mận 🙂. [2] Ông Hải [1]",
    sentences=(
        Sentence("Ông Hải", (1, 2), "supported"),
        Sentence("Bà Mận 🙂.", (2,), "partial"),
        Sentence("Ông Hải", (1,), "supported"),
    ),
    citations=tuple(CITED),
    retrieved=(),
    engine="extractive",
    timings_ms={},
    tokens={"prompt": 7, "answer": 3},
)


def annotations(answer: Answer) -> Any:
    (block,) = as_message(answer).content_blocks
    assert block["type"] == "text"
    return block["annotations"]


def test_a_citation_points_at_its_sentence_and_tells_where_the_quote_stands() -> None:
    (citation,) = annotations(ANSWER)
    expected = ANSWER.citations[0]
    assert citation["type"] == "citation"
    assert (citation["url"], citation["title"]) == (expected.url, expected.title)
    assert citation["cited_text"] == expected.quote
    assert ANSWER.answer[citation["start_index"] : citation["end_index"]] == ANSWER.sentences[0].text
    assert citation["extras"] == {
        "n": 1,
        "source": expected.source,
        "source_start": expected.start,
        "source_end": expected.end,
        "sha256": expected.sha256,
    }


def test_each_sentence_has_its_own_annotations_even_when_it_says_the_same() -> None:
    said = [(TWICE.answer[c["start_index"] : c["end_index"]], c["extras"]["n"]) for c in annotations(TWICE)]
    assert said == [("Ông Hải", 1), ("Ông Hải", 2), ("Bà Mận 🙂.", 2), ("Ông Hải", 1)]
    starts = [c["start_index"] for c in annotations(TWICE)]
    assert starts == [0, 0, 15, 29]


def test_only_web_addresses_are_passed_on_as_such() -> None:
    assert [c.get("url") for c in annotations(TWICE)][:2] == ["https://example.org/1", None]


def test_the_message_is_an_ordinary_one() -> None:
    message = as_message(replace(TWICE, notice="Chậm."))
    assert message.text == TWICE.answer
    assert message.usage_metadata == {"input_tokens": 7, "output_tokens": 3, "total_tokens": 10}
    assert message.response_metadata["status"] == "answered"
    assert message.response_metadata["notice"] == "Chậm."
    (again,) = messages_from_dict(json.loads(json.dumps(messages_to_dict([message]))))
    assert again.content_blocks == message.content_blocks


def test_what_cites_nothing_has_no_annotations() -> None:
    assert annotations(replace(TWICE, sentences=(), citations=(), answer="Không tìm thấy.")) == []


@pytest.mark.parametrize(
    ("asked", "question", "turns"),
    [
        ("Ai?", "Ai?", []),
        ([HumanMessage("Ai?")], "Ai?", []),
        (
            [
                SystemMessage("Be brief."),
                HumanMessage("Ai?"),
                as_message(ANSWER),
                HumanMessage([{"type": "text", "text": "Ở đâu?"}]),
            ],
            "Ở đâu?",
            [Turn("Ai?", ANSWER.answer, "", ANSWER.standalone_question)],
        ),
        ([AIMessage("Chào bạn!"), HumanMessage("Ai?")], "Ai?", []),
        ([], "", []),
    ],
)
def test_messages_that_end_with_a_question_are_a_conversation(asked: Any, question: str, turns: Any) -> None:
    assert conversation(asked) == (question, turns)


def test_the_assistant_is_a_runnable_like_others(assistant: rag.assistant.Assistant) -> None:  # noqa: F811
    assistant.index()
    message = assistant.as_runnable().invoke("Ai đánh trống khai giảng?")
    (citation,) = message.content_blocks[0]["annotations"]
    assert citation["cited_text"] == OPENING
    chain = assistant.as_runnable() | StrOutputParser()
    assert chain.invoke([HumanMessage("Ai đánh trống khai giảng?")]) == f"{OPENING} [1]"
    assert len(chain.batch(["Ai đánh trống khai giảng?"] * 2)) == 2
