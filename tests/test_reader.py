"""Promises of the reader that hold without its weights: spans, offsets, damaged files."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from rag.errors import ModelError
from rag.reader import ANSWER_TOKENS, LENGTH_COST, best_span, check_weights, whole_words


def cut(text: str, piece: str) -> str:
    start = text.index(piece)
    a, b = whole_words(text, start, start + len(piece))
    return text[a:b]


@pytest.mark.parametrize(
    ("text", "piece", "expected"),
    [
        ("Vào tháng 3 năm 2019, mưa lớn.", "áng 3 năm 20", "tháng 3 năm 2019"),
        ("Ông sống ở Hà Tĩnh. Sau đó", " Hà Tĩnh.", "Hà Tĩnh"),
        ("gọi là “Sao Mai”, rồi", "“Sao Mai”,", "Sao Mai"),
        ("dài 12 km (mười hai)", "mười hai)", "mười hai"),
        ("Liên Hợp Quốc (LHQ) họp", "Liên Hợp Quốc (LHQ)", "Liên Hợp Quốc (LHQ)"),
        ("手塚治虫は日本の漫画家", "手塚治虫", "手塚治虫"),
        ("được 4,8 triệu", "8 triệu", "8 triệu"),
    ],
)
def test_a_span_has_whole_words_and_no_loose_punctuation(text: str, piece: str, expected: str) -> None:
    assert cut(text, piece) == expected


def test_a_span_of_punctuation_alone_is_empty() -> None:
    assert whole_words("a ... b", 2, 5) == (5, 5)


def test_the_best_span_is_the_best_sum_with_the_end_not_before_the_start() -> None:
    start = np.array([0.0, 5.0, 1.0, 0.0], np.float32)
    end = np.array([9.0, 0.0, 2.0, 1.0], np.float32)
    assert best_span(start, end) == (0, 0, 9.0)
    end[0] = 0.0
    assert best_span(start, end) == (1, 2, pytest.approx(7.0 - LENGTH_COST))


def test_no_span_is_longer_than_the_limit() -> None:
    start, end = np.zeros(100, np.float32), np.zeros(100, np.float32)
    start[0], end[99] = 10.0, 10.0
    first, last, _ = best_span(start, end)
    assert last - first < ANSWER_TOKENS


def test_best_span_agrees_with_trying_them_all() -> None:
    rng = np.random.default_rng(3)
    start, end = rng.normal(size=(2, 70)).astype(np.float32)
    tried = [
        (float(start[i] + end[j] - LENGTH_COST * (j - i)), i, j)
        for i in range(70)
        for j in range(i, min(70, i + ANSWER_TOKENS))
    ]
    score, i, j = max(tried)
    assert best_span(start, end) == (i, j, pytest.approx(score))


def write_weights(folder: Path) -> None:
    (folder / "reader.safetensors").write_bytes(b"reader.safetensors")
    digest = hashlib.sha256(b"reader.safetensors").hexdigest()
    manifest = {"name": "r", "sha256": {"reader.safetensors": digest}, "trained": {}}
    (folder / "reader.json").write_text(json.dumps(manifest), encoding="utf-8")


def test_whole_weights_pass_the_check(tmp_path: Path) -> None:
    write_weights(tmp_path)
    assert check_weights(tmp_path)["name"] == "r"


def test_one_changed_byte_is_noticed(tmp_path: Path) -> None:
    write_weights(tmp_path)
    (tmp_path / "reader.safetensors").write_bytes(b"reader.safetensorz")
    with pytest.raises(ModelError, match=r"reader\.safetensors is not the one") as caught:
        check_weights(tmp_path)
    assert "Reinstall" in caught.value.hint


@pytest.mark.parametrize("name", ["reader.json", "reader.safetensors"])
def test_a_missing_file_is_a_model_error(tmp_path: Path, name: str) -> None:
    write_weights(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(ModelError):
        check_weights(tmp_path)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"sha256": 3}'])
def test_a_damaged_manifest_is_a_model_error(tmp_path: Path, text: str) -> None:
    write_weights(tmp_path)
    (tmp_path / "reader.json").write_text(text, encoding="utf-8")
    with pytest.raises(ModelError):
        check_weights(tmp_path)
