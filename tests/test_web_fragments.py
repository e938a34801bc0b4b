"""The short answer is set off inside its sentence, and stays text."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from rag.web.fragments import _around, answer_html
from rag.web.history import Exchange


@pytest.mark.parametrize(
    ("text", "short", "parts"),
    [
        ("Bà Trần Thị Mận đánh trống.", "trần thị mận", ("Bà ", "Trần Thị Mận", " đánh trống.")),
        ("Bà Trần Thị Mận đánh trống.", "Lê Văn An", ("Bà Trần Thị Mận đánh trống.", "", "")),
        ("Bà Trần Thị Mận đánh trống.", "", ("Bà Trần Thị Mận đánh trống.", "", "")),
        ("<b>1998</b>", "1998", ("<b>", "1998", "</b>")),
        ("Ngày 26 có 6 xã.", "6", ("Ngày 26 có ", "6", " xã.")),
        ("県庁は京都にある。", "京都", ("県庁は", "京都", "にある。")),
    ],
)
def test_a_sentence_is_split_around_the_short_answer(
    text: str, short: str, parts: tuple[str, str, str]
) -> None:
    assert _around(text, [short]) == parts
    assert "".join(_around(text, [short])) == text


def test_of_several_short_answers_the_one_that_stands_in_the_sentence_is_set_off() -> None:
    assert _around("Ông Mười chủ trì.", ["Hải, Mười", "Hải", "Mười"]) == ("Ông ", "Mười", " chủ trì.")


def test_items_of_a_list_stand_on_lines_of_their_own() -> None:
    sentences = [
        {"text": text, "verdict": "supported", "citations": []} for text in ("- Huế", "- Vinh", "Hết.")
    ]
    answer = {
        "standalone_question": "?",
        "engine": "extractive",
        "timings_ms": {"total": 1},
        "status": "answered",
        "language": "vi",
        "citations": [],
        "retrieved": [],
        "sentences": sentences,
    }
    html = answer_html(replace(Exchange(id="e", question="?"), state="done", answer=answer), "vi")
    assert re.sub(r"<(?!br)[^>]*>", "", html).count("<br>") == 1
    assert html.index("Huế") < html.index("<br>") < html.index("Vinh")
