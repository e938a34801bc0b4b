"""A follow-up is made to stand alone; a question that needs no history is left alone."""

from __future__ import annotations

import pytest
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage

from rag.followup import make_standalone, needs_history
from rag.prompts import load_prompt
from rag.types import Turn

HISTORY = [Turn("Ai chủ trì hội nghị năm 2023 ở Hà Tĩnh?", "Chủ tịch UBND tỉnh Võ Trọng Hải [1]")]


def model(*replies: str) -> GenericFakeChatModel:
    return GenericFakeChatModel(messages=iter([AIMessage(content=reply) for reply in replies]))


@pytest.mark.parametrize(
    "question",
    [
        "Còn ở Đắk Nông thì sao?",
        "con o dak nong thi sao",
        "Ông ấy giữ chức vụ gì?",
        "Ông trao cờ cho hai đơn vị nào?",
        "Hội nghị đó diễn ra ngày nào?",
        "and who signed it?",
        "What did he ask for?",
        "Why?",
    ],
)
def test_what_points_back_needs_the_history(question: str) -> None:
    assert needs_history(question)


@pytest.mark.parametrize(
    "question",
    [
        "Ai chủ trì hội nghị năm 2022 ở Đắk Nông?",
        "Hồ Văn Mười trao bằng khen cho bao nhiêu tập thể?",
        "When did Thanh Hóa hold its conference on defence tasks?",
        "Is there a programme for the militia in Thanh Hóa?",
        "Ông Mai Xuân Liêm là Phó Chủ tịch tỉnh nào?",
    ],
)
def test_what_names_its_subject_is_left_alone(question: str) -> None:
    assert not needs_history(question)
    assert make_standalone(question, HISTORY, load_prompt("standalone"), model()) == question


def test_without_history_nothing_is_changed() -> None:
    assert make_standalone("Còn ở Đắk Nông thì sao?", [], load_prompt("standalone"), model()) == (
        "Còn ở Đắk Nông thì sao?"
    )


def test_the_model_rewrites() -> None:
    reply = "Ai chủ trì hội nghị năm 2023 ở Đắk Nông?"
    asked = make_standalone("Còn ở Đắk Nông thì sao?", HISTORY, load_prompt("standalone"), model(reply))
    assert asked == reply


@pytest.mark.parametrize(
    "reply",
    [
        "Ai chủ trì hội nghị năm 2019 ở Đắk Nông?",  # a year nobody named
        "Ai chủ trì hội nghị ở Nghệ An?",  # a place nobody named, and Đắk Nông lost
        "",
    ],
)
def test_a_rewriting_that_invents_or_loses_names_is_not_used(reply: str) -> None:
    asked = make_standalone("Còn ở Đắk Nông thì sao?", HISTORY, load_prompt("standalone"), model(reply))
    assert asked == "Ai chủ trì hội nghị năm 2023 ở Hà Tĩnh? Còn ở Đắk Nông thì sao?"


def test_without_a_model_the_earlier_question_is_put_in_front() -> None:
    asked = make_standalone("Còn ngày nào?", HISTORY, load_prompt("standalone"), None)
    assert asked == "Ai chủ trì hội nghị năm 2023 ở Hà Tĩnh? Còn ngày nào?"
