"""One document into the index and one question out to its answer, over real files and a real store."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage

import rag.embed
from rag.assistant import Assistant
from rag.errors import IndexMissing, SettingsError, StoreError
from rag.reading import threshold
from rag.settings import Settings, load_settings
from rag.types import Answer, Delta, Filters, Generating, Retrieved, Turn
from tests.test_retrieve import HashEmbedder

OPENING = "Sáng 5/9/2021, Hiệu trưởng Trần Thị Mận đánh trống khai giảng Trường Hoa Sen."
LIBRARY = "Ngày 2/10/2021, thư viện huyện khánh thành với 8.500 đầu sách."


@pytest.fixture
def assistant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Assistant:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "khai-giang.md").write_text(
        f"---\ntitle: Khai giảng\npublished: 2021-09-05\n---\n\n{OPENING}\n", "utf-8"
    )
    (corpus / "thu-vien.txt").write_text(f"Khánh thành thư viện\n\n{LIBRARY}\n", "utf-8")
    monkeypatch.setattr(rag.embed, "load_embedder", lambda *args: HashEmbedder())
    monkeypatch.setattr(rag.embed, "embedder_fingerprint", lambda settings: "hash")
    monkeypatch.setattr("rag.reading.THRESHOLD", 0.0)
    monkeypatch.setattr("rag.reading.THRESHOLD_WITHOUT_READER", 0.0)
    made = Assistant.open(
        load_settings(corpus=corpus, index=tmp_path / "index", llm="extractive", reader=False)
    )
    yield made
    made.close()


def with_model(assistant: Assistant, *replies: str) -> Assistant:
    assistant.__dict__["model"] = GenericFakeChatModel(messages=iter([AIMessage(content=r) for r in replies]))
    return assistant


def test_a_question_is_answered_from_the_folder(assistant: Assistant) -> None:
    assert assistant.index().added == 2
    first, *_, last = with_model(assistant, "Hiệu trưởng Trần Thị Mận").stream("Ai đánh trống khai giảng?")
    assert isinstance(first, Retrieved)
    assert first.result.passages[0].source == "khai-giang.md"
    assert isinstance(last, Answer)
    (citation,) = last.citations
    assert assistant.article(citation.source).text[citation.start : citation.end] == citation.quote == OPENING
    assert last.answer == "Hiệu trưởng Trần Thị Mận [1]"


def test_the_extractive_engine_needs_no_model(assistant: Assistant) -> None:
    assistant.index()
    answer = assistant.ask("Thư viện huyện có bao nhiêu đầu sách?")
    assert answer.engine == "extractive"
    assert answer.answer == f"{LIBRARY} [1]"


def test_a_follow_up_is_searched_with_what_it_points_at(assistant: Assistant) -> None:
    assistant.index()
    standalone = "Ai đánh trống khai giảng Trường Hoa Sen?"
    with_model(assistant, standalone, "Trần Thị Mận")
    history = [Turn("Trường Hoa Sen khai giảng ngày nào?", "5/9/2021 [1]")]
    answer = assistant.ask("Ai đánh trống ở đó?", history)
    assert (answer.question, answer.standalone_question) == ("Ai đánh trống ở đó?", standalone)
    assert answer.searched_for == standalone
    assert answer.citations[0].source == "khai-giang.md"


def test_a_question_that_asks_twice_is_answered_twice(assistant: Assistant) -> None:
    (assistant.settings.corpus / "cau.txt").write_text(
        "Cầu mới\n\nCầu Nghệ An dài 300 mét.\n\nCầu Cao Bằng rộng 12 mét.\n", "utf-8"
    )
    assistant.index()
    asked = "Cầu ở Nghệ An dài bao nhiêu mét, và cầu ở Cao Bằng rộng bao nhiêu mét?"
    *events, got = with_model(assistant, "Dài 300 mét.", "Rộng 12 mét.").stream(asked)
    assert isinstance(got, Answer)
    assert got.answer == "Dài 300 mét. [1] Rộng 12 mét. [2]"
    assert [c.quote for c in got.citations] == ["Cầu Nghệ An dài 300 mét.", "Cầu Cao Bằng rộng 12 mét."]
    assert got.question == asked
    assert sum(isinstance(event, Retrieved) for event in events) == 1
    assert "".join(event.text for event in events if isinstance(event, Delta)) == "Dài 300 mét. Rộng 12 mét."


def test_waiting_for_others_is_not_taken_from_the_deadline(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    (assistant.settings.corpus / "cau.txt").write_text(
        "Cầu mới\n\nCầu Nghệ An dài 300 mét.\n\nCầu Cao Bằng rộng 12 mét.\n", "utf-8"
    )
    assistant.index()
    clock, waited = time.monotonic, 0.0
    monkeypatch.setattr(time, "monotonic", lambda: clock() + waited)
    asked = "Cầu ở Nghệ An dài bao nhiêu mét, và cầu ở Cao Bằng rộng bao nhiêu mét?"
    for event in with_model(assistant, "Dài 300 mét.", "Rộng 12 mét.").stream(asked):
        waited += 1000 if isinstance(event, Generating) else 0
    assert waited == 2000
    assert isinstance(event, Answer)
    assert (event.answer, event.notice) == ("Dài 300 mét. [1] Rộng 12 mét. [2]", "")
    assert event.timings_ms["total"] < 1_000_000


def test_a_follow_up_that_the_rules_cannot_resolve_waits_for_the_model_first(assistant: Assistant) -> None:
    assistant.index()
    events = with_model(assistant, "Ai?", "Trần Thị Mận").stream("Ông ấy nói gì?", [Turn("Ai đó?", "Có.")])
    assert isinstance(next(events), Generating)


def test_a_part_that_is_not_answered_is_said_so_and_the_other_is_answered(assistant: Assistant) -> None:
    assistant.index()
    asked = "Thư viện của huyện có bao nhiêu đầu sách? Ai trao cờ ở Cao Bằng năm 2019?"
    got = with_model(assistant, "8.500 đầu sách").ask(asked)
    assert got.status == "answered"
    assert "8.500" in got.answer
    assert "Cao Bằng" in got.notice


def test_filters_limit_what_is_searched(assistant: Assistant) -> None:
    assistant.index()
    found = assistant.search("Trần Thị Mận", filters=Filters(sources=("thu-vien.txt",)))
    assert {p.source for p in found.passages} == {"thu-vien.txt"}


def test_the_next_question_sees_what_was_indexed_meanwhile(assistant: Assistant) -> None:
    assistant.index()
    assistant.search("cầu")
    (assistant.settings.corpus / "cau.txt").write_text(
        "Cầu mới\n\nCây cầu dài 300 mét đã thông xe.\n", "utf-8"
    )
    other = Assistant.open(assistant.settings)
    assert other.index().added == 1
    other.close()
    assert assistant.search("Cây cầu dài bao nhiêu mét?").passages[0].source == "cau.txt"


def test_the_calibrated_threshold_decides(assistant: Assistant) -> None:
    assistant.index()
    assert assistant.ask("Thư viện có bao nhiêu đầu sách?").status == "answered"
    (assistant.settings.index_dir / "calibration.json").write_text('{"threshold": 1.1}', "utf-8")
    assert assistant.ask("Thư viện có bao nhiêu đầu sách?").status == "not_found"


def test_when_to_refuse_can_be_set() -> None:
    assert threshold(Settings(refuse_below=0.0)) == 0.0
    assert threshold(Settings(refuse_below=0.75)) == 0.75
    with pytest.raises(SettingsError, match="refuse_below"):
        load_settings(refuse_below=1.5)


def test_without_an_index_the_error_says_what_to_run(assistant: Assistant) -> None:
    with pytest.raises(IndexMissing) as caught:
        assistant.ask("Ai?")
    assert "rag index" in caught.value.hint


def test_an_empty_question_and_an_unknown_source_are_errors(assistant: Assistant) -> None:
    assistant.index()
    with pytest.raises(SettingsError):
        assistant.ask("  ")
    with pytest.raises(StoreError):
        assistant.article("no-such.md")
