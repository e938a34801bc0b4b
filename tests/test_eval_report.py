"""The report shows everything, escapes everything and fetches nothing."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from eval_fakes import QUESTIONS, AlwaysRefusing, Failing, Fake, RightTextWrongSource

from eval.compare import compare
from eval.intervals import Estimate
from eval.plots import recall_curve
from eval.report import OUTCOMES, figure, html, interval, mark, write_report
from eval.run import run
from eval.score import score


def report_of(assistant, tmp_path, baseline=None):
    saved = run(QUESTIONS, assistant, tmp_path / "run.jsonl", settings={"llm": "fake"})
    return html(saved, score(saved), compare(baseline, saved) if baseline else None)


class Tags(HTMLParser):
    """All tags with their attributes, and the text inside `mark`."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.marked, self.inside = [], [], False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.inside = tag == "mark"

    def handle_data(self, data):
        if self.inside:
            self.marked.append(data)

    def handle_endtag(self, tag):
        self.inside = False


def test_nothing_is_fetched_and_only_our_script_may_run(tmp_path):
    page = report_of(Fake(), tmp_path)
    tags = Tags(page).tags
    assert not [attrs for _, attrs in tags if "src" in attrs or attrs.get("href", "#")[0] != "#"]
    assert not {"link", "img", "iframe", "object", "base"} & {tag for tag, _ in tags}
    assert "url(" not in page and "@import" not in page  # noqa: PT018
    (policy,) = [
        attrs["content"] for tag, attrs in tags if attrs.get("http-equiv") == "Content-Security-Policy"
    ]
    assert "default-src 'none'" in policy
    assert re.search(r"script-src 'sha256-[\w+/]+=*'", policy)


def test_text_of_articles_questions_and_models_is_escaped(tmp_path):
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)>"

    class Evil(Fake):
        def answer(self, question, found):
            answer = super().answer(question, found)
            passages = tuple(replace(each, title=evil, text=evil) for each in answer.retrieved)
            return replace(answer, answer=evil, notice=evil, searched_for=evil, retrieved=passages)

    page = report_of(Evil(), tmp_path)
    assert evil not in page
    assert [tag for tag, _ in Tags(page).tags].count("script") == 1
    assert "&lt;script&gt;alert(1)" in page


def test_wrong_questions_come_first(tmp_path):
    page = report_of(Failing(), tmp_path)
    outcomes = [attrs["data-outcome"] for _, attrs in Tags(page).tags if "data-outcome" in attrs]
    assert outcomes == ["failed", "right", "right", "kept"]
    assert "1 of 4 questions failed" in page
    refused = [attrs["data-outcome"] for _, attrs in Tags(report_of(AlwaysRefusing(), tmp_path / "2")).tags
               if "data-outcome" in attrs]  # fmt: skip
    assert refused == ["refused"] * 3 + ["kept"]
    assert next(iter(OUTCOMES)) == "failed"


def test_citations_are_marked_inside_the_passage(tmp_path):
    page = Tags(report_of(Fake(), tmp_path))
    assert page.marked == [
        "Hội nghị diễn ra tại Vinh.",
        "Có 48 cá nhân được khen.",
        "Lễ ra quân tổ chức ở Đồng Hới.",
    ]


def test_a_citation_outside_the_passages_is_shown_too(tmp_path):
    page = Tags(report_of(RightTextWrongSource(), tmp_path))
    assert "Hội nghị diễn ra tại Vinh." in page.marked


def test_the_comparison_lists_flips_with_links(tmp_path):
    baseline = run(QUESTIONS, Fake(), tmp_path / "baseline.jsonl")
    page = report_of(Failing(), tmp_path, baseline)
    assert "Right before, wrong now: 1" in page
    assert 'href="#q-q2"' in page
    assert 'id="q-q2"' in page


def test_the_report_is_written_where_it_is_wanted(tmp_path):
    saved = run(QUESTIONS, Fake(), tmp_path / "run.jsonl")
    write_report(tmp_path / "new" / "report.html", saved, score(saved))
    assert (tmp_path / "new" / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_recall_is_drawn_as_it_is_counted():
    def row(ranking, sources):
        return {"answerable": True, "sources": sources, "ranking": ranking}

    curve = recall_curve([row(["a", "a", "b"], ["b"]), row(["c"], ["c", "d"])])
    assert curve[:3] == pytest.approx([(0 + 1 / 2) / 2, (1 + 1 / 2) / 2, (1 + 1 / 2) / 2])
    assert recall_curve([]) == []


def test_spans_are_cut_out_and_overlaps_belong_to_the_first():
    assert mark("abcdef", [(1, 3, 1), (2, 5, 2)]) == [("a", 0), ("bc", 1), ("de", 2), ("f", 0)]
    assert mark("abc", []) == [("abc", 0)]
    assert mark("abc", [(0, 3, 7)]) == [("abc", 7)]


def test_figures_are_written_for_people():
    assert figure(0.934).replace("\u00a0", " ") == "93.4 %"
    assert figure(1250, "ms").replace("\u00a0", " ") == "1.25 s"
    assert figure(-0.05).replace("\u00a0", " ") == "−5.0 %"
    assert interval(Estimate(0.7, 0.596, 0.767, 9)).replace("\u00a0", " ") == "59.6 – 76.7 %"
    assert interval(Estimate(950, 900, 1100, 9), "ms").replace("\u00a0", " ") == "900 ms – 1.10 s"
