"""The real models over the real articles: a question in, a checked answer with words of the file out."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.assistant import Assistant
from rag.settings import load_settings

ROOT = Path(__file__).parent.parent
pytestmark = [pytest.mark.slow]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("end-to-end") / "index"


@pytest.fixture(scope="module")
def assistant(index: Path) -> Iterator[Assistant]:
    made = Assistant.open(load_settings(corpus=ROOT / "corpus", index=index))
    report = made.index()
    assert (report.articles, report.skipped) == (5, ())
    yield made
    made.close()


def questions(name: str) -> list[dict]:
    lines = (ROOT / "eval" / "questions" / f"{name}.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_facts_are_told_with_citations_that_stand_in_the_right_file(assistant: Assistant) -> None:
    """Every third of our factual questions; all thirty are measured by `rag eval`."""
    chosen = questions("factual")[::3]
    right = 0
    for question in chosen:
        answer = assistant.ask(question["question"])
        for citation in answer.citations:
            assert assistant.article(citation.source).text[citation.start : citation.end] == citation.quote
        told = any(accepted.lower() in answer.answer.lower() for accepted in _accepted(question))
        right += told and any(citation.source in question["sources"] for citation in answer.citations)
    assert right >= 0.8 * len(chosen)


def _accepted(question: dict) -> list[str]:
    return [*question["answers"], *question.get("accepted", [])]


def test_what_the_corpus_cannot_answer_is_not_answered(assistant: Assistant) -> None:
    for question in questions("unanswerable")[:5]:
        assert assistant.ask(question["question"]).status == "not_found", question["question"]


def test_the_command_prints_the_contract(index: Path, assistant: Assistant) -> None:
    command = [
        sys.executable,
        "-m",
        "rag",
        "ask",
        "--json",
        "--index",
        str(index),
        "Ai chủ trì hội nghị ở Hà Tĩnh?",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["status"] == "answered"
    assert "Võ Trọng Hải" in answer["answer"]
    assert answer["citations"][0]["source"] == "2023-12-26-ha-tinh.md"
    assert {
        "question",
        "standalone_question",
        "language",
        "sentences",
        "retrieved",
        "engine",
        "timings_ms",
    } <= set(answer)


def test_an_unaccented_question_is_restored_and_found(assistant: Assistant) -> None:
    found = assistant.search("ai chu tri hoi nghi o dak nong")
    assert found.searched_for == "ai chủ trì hội nghị ở đắk nông"
    assert found.passages[0].source == "2022-12-08-dak-nong.md"
