"""The command: what it prints, when it fails, what it writes. The gate with it."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from eval_fakes import QUESTIONS, TEXTS, AlwaysRefusing, Fake
from typer.testing import CliRunner

from eval import cli, gate
from eval.check import faults
from eval.dataset import Dataset, DatasetError, Question, load, select
from eval.run import run
from eval.score import score
from rag.articles import read_article, scan
from rag.calibration import read_calibration
from rag.errors import RagError
from rag.reading import judged_by
from rag.settings import load_settings

REPOSITORY = Path(__file__).parents[1]
OWN = REPOSITORY / "eval" / "questions"


class Assistant(Fake):
    """The fake behind the command, with what the real one has besides."""

    @classmethod
    def open(cls, settings, progress=None):
        return cls()

    def index(self, progress=None):
        progress("embedding", 1, 1)

    def close(self):
        pass


@pytest.fixture
def command(tmp_path, monkeypatch):
    """Run the command in an empty folder with the fake assistant; returns (exit code, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("rag.assistant.Assistant", Assistant)
    lines = [json.dumps(question.to_dict()) for question in QUESTIONS.questions]
    Path("small.jsonl").write_text("\n".join(lines))

    def call(*args):
        result = CliRunner().invoke(cli.app, ["--index", "index", *map(str, args)])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, result.stdout, result.stderr

    return call


def test_a_run_is_saved_scored_and_reported(command):
    code, out, err = command("small.jsonl", "--out", "runs/a.jsonl", "--report", "report.html")
    assert code == 0
    assert "Right outcome" in out
    assert "4/4" in err
    assert "Mode open: everything is searched; engine fake" in " ".join(out.split())
    assert "Right outcome by slice" in out
    assert Path("report.html").stat().st_size > 10_000
    assert len(Path("runs/a.jsonl").read_text().splitlines()) == 6


def test_json_is_one_object(command):
    code, out, _ = command("small.jsonl", "--json")
    data = json.loads(out)
    assert code == 0
    assert data["metrics"]["contains"]["value"] == 1
    assert data["run"]["questions"] == 4
    assert list(Path("runs").glob("*-small.jsonl"))


def test_a_saved_run_is_scored_without_asking(command, monkeypatch):
    command("small.jsonl", "--out", "a.jsonl")
    monkeypatch.setattr("rag.assistant.Assistant", None)
    code, out, _ = command("--run", "a.jsonl", "--json")
    assert code == 0
    assert json.loads(out)["metrics"]["right"]["value"] == 1


def test_a_baseline_is_compared(command, tmp_path):
    run(QUESTIONS, AlwaysRefusing(), tmp_path / "old.jsonl")
    _, out, _ = command("small.jsonl", "--baseline", "old.jsonl", "--json")
    compared = json.loads(out)["baseline"]
    assert compared["changes"]["contains"]["gain"]["value"] == 1
    assert [flip["mended"] for flip in compared["flips"]] == [True] * 3
    _, out, _ = command("small.jsonl", "--baseline", "old.jsonl")
    assert "Wrong before, right now: 3" in out
    assert "+100.0" in out
    assert "The same for every question: Recall at 1" in out


def test_modes_and_limits_reach_the_run(command):
    _, out, _ = command(
        "small.jsonl", "--mode", "removed", "--unaccented", "--limit", "2", "--seed", "1", "--json"
    )
    header = json.loads(out)["run"]
    assert (header["mode"], header["questions"]) == ("removed", 2)
    assert header["name"] == "small-removed-unaccented"
    assert command("small.jsonl", "--mode", "closed")[0] == 2


def test_no_folder_of_the_machine_and_no_password_is_saved(command, monkeypatch, tmp_path):
    monkeypatch.setenv("RAG_BASE_URL", "http://me:secret@localhost:8080/v1")
    command("small.jsonl", "--out", "a.jsonl")
    saved = Path("a.jsonl").read_text()
    assert "secret" not in saved
    assert str(tmp_path) not in saved
    assert "localhost:8080" in saved


@pytest.fixture
def many(monkeypatch):
    """Twenty-four questions, half of them unanswerable, in many.jsonl; retrieval is sure of the others."""
    questions = [
        Question(f"a{i}", f"Hội nghị {i} ở đâu?", answers=("Vinh",), sources=("an.md",)) for i in range(12)
    ] + [Question(f"u{i}", f"Hội nghị {i} có ai hát?", answerable=False) for i in range(12)]
    Path("many.jsonl").write_text("\n".join(json.dumps(question.to_dict()) for question in questions))
    ids = {question.question: question.id for question in questions}
    monkeypatch.setattr(
        Assistant, "__init__", lambda self: Fake.__init__(self, Dataset("m", tuple(questions)))
    )
    sure = {"a": 0.8, "u": 0.2}

    def search(self, question, k=5, filters=None):
        return replace(Fake.search(self, question, k, filters), confidence=sure[ids[question][0]])

    monkeypatch.setattr(Assistant, "search", search)
    return sure


def test_calibration_is_stored_and_then_part_of_the_conditions(command, many):
    Path("index").mkdir()
    code, out, err = command("many.jsonl", "--calibrate", "--out", "a.jsonl")
    assert code == 0
    assert "guess" in err
    assert "rejects 100% of the 12 unanswerable and refuses 0%" in " ".join(out.split())
    stored = json.loads(Path("index/calibration.json").read_text())
    assert stored["threshold"] == pytest.approx(0.5)
    settings = load_settings()
    assert read_calibration(Path("index"), judged_by(settings)).threshold == stored["threshold"]
    assert read_calibration(Path("index"), "another embedder") is None
    with pytest.raises(RagError, match="settings"):
        command("many.jsonl", "--out", "a.jsonl")


def test_a_threshold_that_gains_nothing_is_not_stored(command, many):
    many["u"] = many["a"] = 0.8
    with pytest.raises(RagError, match="equally sure"):
        command("many.jsonl", "--calibrate", "--out", "a.jsonl")
    many["u"] = 0.9
    code, out, err = command("many.jsonl", "--calibrate", "--json", "--out", "b.jsonl")
    assert (code, json.loads(out)["calibration"]["of_use"]) == (0, False)
    assert "Not stored" in err
    assert not Path("index/calibration.json").exists()


def test_a_run_over_other_articles_is_not_calibrated_with(command, many, monkeypatch):
    command("many.jsonl", "--out", "a.jsonl")
    monkeypatch.setattr(Assistant, "articles", lambda self: [])
    with pytest.raises(RagError, match="other articles"):
        command("--run", "a.jsonl", "--calibrate")


def test_check_names_what_is_wrong(command):
    Path("corpus").mkdir()
    for name, text in TEXTS.items():
        Path("corpus", name).write_text(text)
    code, out, _ = command("small.jsonl", "--check")
    assert (code, out) == (0, "")
    Path("corpus/an.md").write_text("Không có gì.")
    code, out, _ = command("small.jsonl", "--check")
    assert code == 1
    assert "q1: 'Vinh' does not stand" in out


@pytest.mark.parametrize(("bound", "code"), [(0.9, 0), (1.1, 1)])
def test_the_gate_closes_below_its_floor(command, monkeypatch, tmp_path, bound, code):
    path = tmp_path / "gate.toml"
    path.write_text(f'ids = ["q1", "q4"]\n[bounds]\ncontains = {bound}\nfooled = 0.0\n')
    monkeypatch.setattr(gate.load_gate, "__defaults__", (path,))
    got, out, _ = command("small.jsonl", "--gate", "--json")
    assert got == code
    data = json.loads(out)
    assert [each["passed"] for each in data["gate"]] == [code == 0, True]
    assert data["run"]["questions"] == 2
    shown = command("small.jsonl", "--gate")[1]
    assert ("FAILS" in shown) is (code == 1)
    assert "Not right, 0 of 2: none." in shown


def test_a_figure_that_is_missing_fails_the_gate():
    checks = gate.check(gate.Gate(("q",), {"contains": 0.0, "fooled": 1.0}), {})
    assert [each.passed for each in checks] == [False, False]


@pytest.mark.parametrize(
    "content", ["", "ids = []\n[bounds]\nem = 1", 'ids = ["a"]\n[bounds]\nwit = 1', "ids = 3"]
)
def test_a_gate_that_cannot_hold_is_refused(tmp_path, content):
    path = tmp_path / "gate.toml"
    path.write_text(content)
    with pytest.raises(DatasetError):
        gate.load_gate(path)


def test_our_gate_fits_our_questions():
    slice_ = select(load([OWN]), gate.load_gate().ids)
    assert len({question.id for question in slice_.questions}) == len(slice_.questions) >= 30
    assert {question.answerable for question in slice_.questions} == {True, False}


def test_our_questions_tell_the_truth():
    corpus = REPOSITORY / "corpus"
    articles = [read_article(path, corpus) for path in scan(corpus).files]
    questions = load([OWN])
    assert faults(questions, articles) == []
    assert len(questions.questions) >= 120
    assert sum(not question.answerable for question in questions.questions) >= 30
    assert {article.source for article in articles} == {s for q in questions.questions for s in q.sources}


def test_an_incomplete_run_is_not_scored_by_the_command(command):
    command("small.jsonl", "--out", "a.jsonl")
    lines = Path("a.jsonl").read_text().splitlines()
    Path("a.jsonl").write_text("\n".join(lines[:3]) + "\n")
    with pytest.raises(RagError, match="not complete"):
        command("--run", "a.jsonl")


def test_the_fake_is_scored_as_the_command_scores_it(command, tmp_path):
    _, out, _ = command("small.jsonl", "--json")
    direct = score(run(QUESTIONS, Fake(), tmp_path / "direct.jsonl")).summary["f1"]
    assert json.loads(out)["metrics"]["f1"] == direct.to_dict()
