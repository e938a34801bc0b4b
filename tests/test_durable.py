"""A saved answer says, when it is opened again, which of its sources still hold what it cites."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from fake_assistant import ANSWER, ARTICLES, QUOTE, TEXT

from rag.durable import Standing, check
from rag.errors import SavedAnswerError
from rag.types import Article

SAVED = json.loads(json.dumps(ANSWER.to_dict()))
OTHER = "Tin mới đưa vào đầu bài."


def standing(text: str | None, saved: Any = SAVED) -> Standing:
    article = None if text is None else replace(ARTICLES[0], text=text, sha256="0" * 64)
    (found,) = check(saved, lambda source: article if source == ARTICLES[0].source else None)
    return found


def test_an_untouched_source_holds_its_quote() -> None:
    assert check(SAVED, {a.source: a for a in ARTICLES}.get) == [
        Standing(
            1, ARTICLES[0].source, QUOTE, "holds", "Nguồn vẫn giữ nguyên câu này.", start=0, end=len(QUOTE)
        )
    ]


def test_a_change_behind_the_quote_does_not_matter() -> None:
    assert standing(TEXT.replace("12 xã", "13 xã")).state == "holds"


@pytest.mark.parametrize(
    "text",
    [f"{OTHER}\n\n{TEXT}", f"{OTHER} {QUOTE}", f"{OTHER}\n\n{QUOTE.replace(' chủ', chr(10) + 'chủ')} Hết."],
)
def test_a_quote_that_moved_is_found_again(text: str) -> None:
    found = standing(text)
    assert found.state == "moved"
    assert found.start is not None
    assert text[found.start : found.end].split() == QUOTE.split()


def test_of_several_places_the_nearest_counts() -> None:
    assert standing(f"{OTHER} {QUOTE} {OTHER} {QUOTE}").start == len(OTHER) + 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Nông thôn mới.",
        TEXT.replace("26-12", "27-12"),
        TEXT.replace("Hải", "Hai"),
        TEXT.replace("Sáng", "Theo tin chưa kiểm chứng, Sáng"),
        TEXT.replace("Hà Tĩnh.", "Hà Tĩnh"),
    ],
)
def test_a_quote_that_is_not_there_word_for_word_has_changed(text: str) -> None:
    found = standing(text)
    assert (found.state, found.start, found.end) == ("changed", None, None)


def test_part_of_a_longer_number_is_not_the_quote() -> None:
    saved = {**SAVED, "citations": [{**SAVED["citations"][0], "quote": "12 xã về đích", "start": 9}]}
    assert standing("Có 12 xã về đích", saved).state == "changed"
    assert standing("Tin.\n\n12 xã về đích", saved).state == "moved"
    assert standing("Tin.\n\n312 xã về đích", saved).state == "changed"
    assert standing("Tin.\n\n12 xã về đíchh", saved).state == "changed"
    # The very file that was cited holds what was cut in the middle of a word, or of a script without spaces.
    same = {
        **SAVED,
        "citations": [{**SAVED["citations"][0], "quote": "Có 12", "start": 0, "sha256": "0" * 64}],
    }
    assert standing("Có 125 xã.", same).state == "holds"
    at_start = {**SAVED, "citations": [{**SAVED["citations"][0], "quote": "Có 12", "start": 0}]}
    assert standing("Có 12 xã.", at_start).state == "holds"
    assert standing("Có 125 xã.", at_start).state == "changed"
    assert standing("Có 12,5 xã.", at_start).state == "changed"
    assert standing("Có 12, nhưng ít.", at_start).state == "holds"


def test_an_article_that_is_not_there_is_gone() -> None:
    assert standing(None).state == "gone"


def test_it_is_said_in_the_language_of_the_answer() -> None:
    assert standing(None, {**SAVED, "language": "en"}).words.startswith("The source is no longer")
    assert standing("", {**SAVED, "language": "de"}).words.startswith("The source has changed")


def test_what_cites_nothing_has_nothing_to_check() -> None:
    assert check({**SAVED, "citations": []}, {}.get) == []


@pytest.mark.parametrize(
    "saved",
    [
        [],
        None,
        {},
        "text",
        {"citations": []},
        {**SAVED, "citations": {"n": 1}},
        {**SAVED, "citations": [{"n": 1}]},
        {**SAVED, "citations": [{**SAVED["citations"][0], "start": "first"}]},
        {**SAVED, "citations": [{**SAVED["citations"][0], "start": float("inf")}]},
    ],
)
def test_what_is_no_saved_answer_is_refused(saved: Any) -> None:
    with pytest.raises(SavedAnswerError, match="no saved answer"):
        check(saved, lambda source: Article(source, TEXT, ""))


@pytest.mark.parametrize(("start", "quote"), [(-5, QUOTE), (10**9, QUOTE), (0, ""), (0, "  ")])
def test_odd_offsets_do_no_harm(start: int, quote: str) -> None:
    saved = {**SAVED, "citations": [{**SAVED["citations"][0], "start": start, "quote": quote}]}
    assert standing(TEXT, saved).state == ("moved" if quote == QUOTE else "changed")
