"""`rag doctor` finds what is missing and names the command that mends it."""

import json
import os
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

import rag.cli


@pytest.fixture(autouse=True)
def own_folders(tmp_path, monkeypatch):
    """No test touches the user's cache, or is swayed by the user's settings."""
    for name in [name for name in os.environ if name.startswith("RAG_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("RAG_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("RAG_INDEX", str(tmp_path / "index"))
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))
    monkeypatch.chdir(tmp_path)


def run(*args, **kwargs):
    return CliRunner().invoke(rag.cli.app, list(args), **kwargs)


def test_doctor_in_json(monkeypatch):
    result = run("doctor", "--json", "--llm", "extractive")
    report = json.loads(result.stdout)
    assert report["ok"] == (result.exit_code == 0)
    checks = {check["name"]: check for check in report["checks"]}
    assert checks["index"]["status"] == "note"
    assert checks["index"]["mend"] == "rag index"
    assert checks["language model"]["status"] == "ok"


def test_doctor_fails_when_something_essential_is_missing(monkeypatch):
    from rag import models

    monkeypatch.setattr(models, "LLM_PACKAGES", ["no_such_package_1", "no_such_package_2"])
    result = run("doctor")
    assert result.exit_code == 1
    assert re.search(r"missing +language model .*no-such-package-1, no-such-package-2", result.stdout)
    assert "pip install" in result.stdout


def test_doctor_says_when_nothing_can_be_written(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("RAG_CACHE", str(tmp_path / "file" / "cache"))
    result = run("doctor", "--llm", "extractive")
    assert result.exit_code == 1
    assert re.search(r"missing +cache folder", result.stdout)


def test_doctor_reports_a_damaged_index(tmp_path):
    (tmp_path / "index").mkdir()
    (tmp_path / "index" / "CURRENT").write_text("gone")
    result = run("doctor", "--llm", "extractive")
    assert result.exit_code == 1
    assert re.search(r"missing +index", result.stdout)


def test_doctor_looks_where_the_models_are_prepared(tmp_path):
    from rag import doctor, models

    for folder in (doctor.embedder_folder(tmp_path), doctor.llm_folder(tmp_path)):
        folder.mkdir()
        (folder / models.PREPARED).touch()
    assert models.prepare_embedder(tmp_path) == doctor.embedder_folder(tmp_path)
    assert models.prepare_llm(tmp_path) == doctor.llm_folder(tmp_path)


def test_doctor_shows_the_reader_and_notices_changed_weights(tmp_path, monkeypatch):
    from rag import reader

    weights = tmp_path / "weights"
    weights.mkdir()
    (weights / "reader.safetensors").write_bytes(b"not what was published")
    manifest = {"name": "r", "sha256": {"reader.safetensors": "0" * 64}, "trained": {"steps": 7}}
    (weights / "reader.json").write_text(json.dumps(manifest))
    monkeypatch.setattr(reader, "WEIGHTS", weights)
    monkeypatch.setattr(reader.check_weights, "__defaults__", (weights,))
    result = run("doctor", "--llm", "extractive")
    assert re.search(r"missing +reader .*not the one that was published", result.stdout)
    monkeypatch.setenv("RAG_READER", "false")
    assert re.search(r"note +reader +switched off", run("doctor", "--llm", "extractive").stdout)


def test_doctor_tells_when_questions_are_refused(monkeypatch):
    def told():
        checks = json.loads(run("doctor", "--json", "--llm", "extractive").stdout)["checks"]
        return next(check["detail"] for check in checks if check["name"] == "refusal threshold")

    assert "as installed" in told()
    monkeypatch.setenv("RAG_REFUSE_BELOW", "0.25")
    assert told() == "0.25, as set by refuse_below"
