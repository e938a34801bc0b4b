"""A run records everything, loses nothing, and goes on after an interruption."""

import json
from dataclasses import replace

import pytest
from eval_fakes import QUESTIONS, Failing, Fake, RightTextWrongSource, Streaming

from eval.dataset import in_mode
from eval.run import RunError, read, run
from rag.errors import ModelError
from rag.types import Filters


class Interrupted(Fake):
    """The user presses Ctrl+C at the third question."""

    def answer(self, question, found):
        if len(self.asked) == 3:
            raise KeyboardInterrupt
        return super().answer(question, found)


def test_a_run_holds_header_questions_and_footer(tmp_path):
    saved = run(QUESTIONS, Fake(), tmp_path / "deep" / "run.jsonl", settings={"passages": 5})
    header = saved.header
    assert header["questions"] == 4
    assert header["settings"] == {"passages": 5}
    assert header["corpus"]["articles"] == 3
    assert len(header["corpus"]["sha256"]) == len(header["questions_sha256"]) == len(header["code"]) == 64
    assert header["machine"]["cores"] >= 1
    assert header["packages"]["numpy"]
    assert [row["id"] for row in saved.rows] == ["q1", "q2", "q3", "q4"]
    assert saved.footer["peak_memory_mib"] > 1
    assert saved.complete
    first = saved.rows[0]
    assert first["answered"]["answer"] == "Hội nghị diễn ra tại Vinh. [1]"
    assert first["answers"] == ["Vinh"]
    assert first["ranking"] == ["an.md", "binh.md", "chi.md"]
    assert first["verbatim"] == [True]
    assert [each["verbatim"] for each in first["passages"]] == [True, True]
    assert 0 <= first["measured_ms"]["retrieve"] <= first["measured_ms"]["total"]


def test_the_prompts_in_force_are_recorded_and_must_stay(tmp_path):
    out = tmp_path / "run.jsonl"
    assert run(QUESTIONS, Fake(), out, prompts={"answer": "one"}).header["prompts"] == {"answer": "one"}
    with pytest.raises(RunError, match="prompts"):
        run(QUESTIONS, Fake(), out, prompts={"answer": "two"})


def test_a_quote_that_does_not_stand_where_it_says_is_recorded(tmp_path):
    saved = run(QUESTIONS, RightTextWrongSource(), tmp_path / "run.jsonl")
    assert [row["verbatim"] for row in saved.rows] == [[False], [False], [False], []]


def test_a_failure_is_recorded_and_the_rest_goes_on(tmp_path):
    saved = run(QUESTIONS, Failing(), tmp_path / "run.jsonl")
    assert saved.rows[1]["error"] == "EngineError: The model is gone."
    assert ["error" in row for row in saved.rows] == [False, True, False, False]


def test_a_stream_without_answer_is_an_error(tmp_path):
    class Silent(Fake):
        def stream(self, question, history=(), filters=None):
            yield from list(super().stream(question, history, filters))[:1]

    saved = run(QUESTIONS, Silent(), tmp_path / "run.jsonl")
    assert all("without an answer" in row["error"] for row in saved.rows)


def test_an_interrupted_run_goes_on_and_asks_nothing_twice(tmp_path):
    out = tmp_path / "run.jsonl"
    with pytest.raises(KeyboardInterrupt):
        run(QUESTIONS, Interrupted(), out)
    assert len(read(out).rows) == 2
    with out.open("a") as file:
        file.write('{"kind": "question", "id": "q3", "half a li')
    assistant, seen = Fake(), []
    saved = run(QUESTIONS, assistant, out, progress=lambda done, total: seen.append((done, total)))
    assert assistant.asked == ["q3", "q4"]
    assert seen == [(2, 4), (3, 4), (4, 4)]
    assert [row["id"] for row in saved.rows] == ["q1", "q2", "q3", "q4"]
    again = Fake()
    assert run(QUESTIONS, again, out).rows == saved.rows
    assert again.asked == []


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"settings": {"passages": 9}}, "settings"),
        ({"dataset": replace(QUESTIONS, questions=QUESTIONS.questions[:2])}, "questions"),
    ],
)
def test_a_run_is_not_continued_under_other_conditions(tmp_path, change, named):
    out = tmp_path / "run.jsonl"
    run(QUESTIONS, Fake(), out)
    before = out.read_bytes()
    arguments = {"dataset": QUESTIONS, **change}
    with pytest.raises(RunError, match=named):
        run(arguments.pop("dataset"), Fake(), out, **arguments)
    assert out.read_bytes() == before


@pytest.mark.parametrize("content", ["no json\n", '{"kind": "question"}\n', "no line end", "[]\n"])
def test_a_file_that_is_no_run_is_neither_read_nor_overwritten(tmp_path, content):
    out = tmp_path / "mine.txt"
    out.write_text(content)
    with pytest.raises(RunError):
        run(QUESTIONS, Fake(), out)
    assert out.read_text() == content


def test_modes_reach_the_search(tmp_path):
    assistant = Fake()
    run(in_mode(QUESTIONS, "removed"), assistant, tmp_path / "run.jsonl")
    assert assistant.filters == [Filters(exclude=(s,)) for s in ("an.md", "binh.md", "binh.md")] + [None]


def test_first_words_are_timed_when_they_come(tmp_path):
    row = run(QUESTIONS, Streaming(), tmp_path / "run.jsonl").rows[0]
    assert row["measured_ms"]["first_token"] <= row["measured_ms"]["total"]
    # An assistant that does not stream shows its first words with the whole answer.
    row = run(QUESTIONS, Fake(), tmp_path / "other.jsonl").rows[0]
    assert row["measured_ms"]["first_token"] == row["measured_ms"]["total"]


def test_the_warm_up_is_not_recorded_but_stops_what_cannot_work(tmp_path):
    assistant = Fake()
    saved = run(QUESTIONS, assistant, tmp_path / "run.jsonl", warm_up=True)
    assert assistant.asked == ["q1", "q1", "q2", "q3", "q4"]
    assert len(saved.rows) == 4

    class Missing(Fake):
        def answer(self, question, found):
            raise ModelError("There is no model.")

    with pytest.raises(ModelError):
        run(QUESTIONS, Missing(), tmp_path / "missing.jsonl", warm_up=True)


def test_text_with_unusual_line_ends_is_read_back(tmp_path):
    class Odd(Fake):
        def answer(self, question, found):
            return replace(super().answer(question, found), answer="một\u2028hai\u0085ba\nbốn")

    out = tmp_path / "run.jsonl"
    assert run(QUESTIONS, Odd(), out).rows[0]["answered"]["answer"] == "một\u2028hai\u0085ba\nbốn"
    assert all(json.loads(line) for line in out.read_bytes().rstrip(b"\n").split(b"\n"))
