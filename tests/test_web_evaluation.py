"""The evaluation on the page: what `rag eval` keeps, and how it is shown."""

import json
from pathlib import Path

import pytest
from eval_fakes import QUESTIONS, Fake
from fake_assistant import ANSWER

from eval.run import run
from eval.score import score
from eval.summary import FILE, store_summary, summary
from rag.web import evaluation
from rag.web.evaluation_texts import evaluation_texts
from rag.web.feedback import record


@pytest.fixture
def content(tmp_path):
    done = run(QUESTIONS, Fake(), tmp_path / "run.jsonl")
    return summary(done, score(done), Path("report.html"))


def shown(folder, content, language="en"):
    store_summary(folder, content)
    return evaluation.evaluation_html(folder, language)


def test_both_sides_mean_the_same_file():
    assert evaluation.FILE == FILE


def test_the_latest_run_is_shown_with_its_figures(content, tmp_path):
    page = shown(tmp_path, content)
    assert f"{content['questions']} questions" in page
    right = next(metric for metric in content["metrics"] if metric["key"] == "right")
    assert f"{100 * right['value']:.1f}\u00a0%" in page
    assert all(metric["title"] in page for metric in content["metrics"] if metric["group"] == "retrieval")
    assert str(Path("report.html").resolve()) in page


def test_the_page_speaks_vietnamese(content, tmp_path):
    page = shown(tmp_path, content, "vi")
    assert "Đúng đến đâu?" in page
    assert "Kết quả đúng" in page
    right = next(metric for metric in content["metrics"] if metric["key"] == "right")
    assert f"{100 * right['value']:.1f}\u00a0%".replace(".", ",") in page
    own = {"F1", "nDCG"}  # names of measures are the same in every language
    english = [m["title"] for m in content["metrics"] if m["title"] not in own and f">{m['title']} <" in page]
    assert english == []


def test_every_group_of_figures_has_a_heading_in_both_languages(content):
    for language in ("vi", "en"):
        words = evaluation_texts(language)
        assert all(f"group_{metric['group']}" in words for metric in content["metrics"])


def test_what_went_wrong_is_told_and_what_went_right_is_not(content, tmp_path):
    assert content["wrong"] == []
    row = {"id": "q", "question": "Ai?", "outcome": "fooled", "answer": "Ông Hải.", "accepted": []}
    page = shown(tmp_path, content | {"wrong": [row]})
    assert "should have refused" in page
    assert "Ông Hải." in page


def test_outcomes_count_every_question(content):
    assert sum(content["outcomes"].values()) == content["questions"]


def test_without_a_run_the_page_says_how_to_make_one(tmp_path):
    page = evaluation.evaluation_html(tmp_path, "en")
    assert "not been evaluated" in page
    assert "rag eval" in page


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"schema": 99}', '{"schema": 1}', '{"schema": 1, "metrics": 3}']
)
def test_a_file_that_cannot_be_read_is_told(text, tmp_path):
    (tmp_path / FILE).write_text(text)
    assert "cannot be read" in evaluation.evaluation_html(tmp_path, "en")


def test_text_of_runs_stays_text(content, tmp_path):
    hostile = '"><script>alert(1)</script>'
    row = {"id": hostile, "question": hostile, "outcome": hostile, "answer": hostile, "accepted": [hostile]}
    page = shown(
        tmp_path, json.loads(json.dumps(content | {"name": hostile, "report": hostile, "wrong": [row]}))
    )
    assert "<script" not in page
    assert page.count("&lt;script&gt;") >= 5


def test_feedback_of_readers_is_told_with_its_file(content, tmp_path):
    assert "Feedback" not in shown(tmp_path, content)
    record(tmp_path, ANSWER.to_dict(), good=True)
    assert "1 questions" in shown(tmp_path, content)
    assert f"rag eval {tmp_path / 'feedback.jsonl'}" in shown(tmp_path, content)
