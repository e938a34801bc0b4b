"""A prompt that could fail at a question is refused when it is loaded."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.errors import PromptError
from rag.prompts import NOT_FOUND, VARIABLES, load_prompt

GOOD = "# system\n\nBe brief; it costs $$5.\n\n# user\n\n$passages\n\n$question\n"


def write(folder: Path, text: str | bytes, name: str = "answer") -> Path:
    (folder / f"{name}.md").write_bytes(text.encode() if isinstance(text, str) else text)
    return folder


@pytest.mark.parametrize("name", VARIABLES)
def test_the_built_in_prompts_can_be_filled(name: str) -> None:
    values = {variable: f"«{variable}»" for variable in VARIABLES[name]}
    turns = load_prompt(name).fill(**values)
    assert turns[0][0] == "system"
    assert turns[-1][0] == "user"
    for value in values.values():
        assert value in turns[-1][1]
        assert not any(value in text for _, text in turns[:-1])


def test_the_model_is_told_the_word_that_the_code_looks_for() -> None:
    system = load_prompt("answer").turns[0][1]
    assert NOT_FOUND in system
    assert any(role == "assistant" and text == NOT_FOUND for role, text in load_prompt("answer").turns)


def test_what_is_filled_in_is_text_and_not_filled_again(tmp_path: Path) -> None:
    prompt = load_prompt("answer", write(tmp_path, GOOD))
    assert prompt.fill(passages="costs $question {x} $$", question="q")[-1] == (
        "user",
        "costs $question {x} $$\n\nq",
    )


def test_two_dollar_signs_are_one_in_every_turn(tmp_path: Path) -> None:
    prompt = load_prompt("answer", write(tmp_path, GOOD + "\nFor $$3"))
    turns = prompt.fill(passages="p", question="q")
    assert turns == [("system", "Be brief; it costs $5."), ("user", "p\n\nq\n\nFor $3")]


def test_a_folder_of_ones_own_replaces_single_files(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    own, built_in = load_prompt("answer", tmp_path), load_prompt("answer")
    assert own.sha256 != built_in.sha256
    assert load_prompt("standalone", tmp_path) == load_prompt("standalone")


def test_windows_line_ends_and_a_byte_order_mark_change_nothing(tmp_path: Path) -> None:
    plain = load_prompt("answer", write(tmp_path, GOOD))
    windows = load_prompt("answer", write(tmp_path, b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode()))
    assert windows == plain


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "does not begin"),
        ("$passages $question", "does not begin"),
        ("A remark.\n" + GOOD, "does not begin"),
        (GOOD + "\n# assistant\n\nYes.\n", "does not end"),
        ("# user\n\n$question\n", r"\$passages"),
        (GOOD.replace("$question", "$question $place"), r"\$place"),
        (GOOD.replace("Be brief", "About $question"), "before the last"),
        (GOOD.replace("$$5", "$5"), "dollar sign in a '# system' turn"),
        (GOOD + "\nIt costs $5", "dollar sign in a '# user' turn"),
        (b"# user\n\n\xff\xfe", "cannot be read"),
    ],
)
def test_a_prompt_that_cannot_work_is_refused(tmp_path: Path, text: str | bytes, complaint: str) -> None:
    with pytest.raises(PromptError, match=complaint) as caught:
        load_prompt("answer", write(tmp_path, text))
    assert caught.value.hint


def test_a_prompt_folder_that_is_not_there_is_not_passed_over(tmp_path: Path) -> None:
    with pytest.raises(PromptError, match="no prompt folder"):
        load_prompt("answer", tmp_path / "nowhere")


def test_a_gap_that_is_not_filled_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match="question"):
        load_prompt("answer", write(tmp_path, GOOD)).fill(passages="p")
