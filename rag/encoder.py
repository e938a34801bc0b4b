"""The encoder that embedder and reader share, as an OpenVINO graph built operation by operation.

A BERT: word embeddings come in, the hidden states of the last layer go out. Building the graph instead of
tracing a model needs neither torch nor Transformers, keeps the length free, and gives the runtime one
attention operation a layer to fuse.

Weights have names of their own: `positions.weight`, `types.weight`, `norm.*`, and for each layer
`layers.I.{qkv,out,attention_norm,up,down,output_norm}.{weight,bias}`; matrices are `[outputs, inputs]`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from rag.models import import_openvino

Floats = npt.NDArray[np.float32]
HEAD_WIDTH = 32
"""Of each attention head, in e5-small and its kin."""
EPSILON = 1e-12
"""Of the layer norms."""
FAR = -10000.0
"""Added to the attention that goes to padding."""

_PARTS = {
    "out": "attention.output.dense",
    "attention_norm": "attention.output.LayerNorm",
    "up": "intermediate.dense",
    "down": "output.dense",
    "output_norm": "output.LayerNorm",
}


def from_bert(source: Mapping[str, Floats]) -> dict[str, Floats]:
    """The weights of a Transformers `BertModel` under the names of this module; word embeddings left out."""
    weights = {
        "positions.weight": source["embeddings.position_embeddings.weight"],
        "types.weight": source["embeddings.token_type_embeddings.weight"][:1],
        "norm.weight": source["embeddings.LayerNorm.weight"],
        "norm.bias": source["embeddings.LayerNorm.bias"],
    }
    layers = {int(name.split(".")[2]) for name in source if name.startswith("encoder.layer.")}
    for i in sorted(layers):
        old = f"encoder.layer.{i}"
        for kind in ("weight", "bias"):
            parts = [source[f"{old}.attention.self.{name}.{kind}"] for name in ("query", "key", "value")]
            weights[f"layers.{i}.qkv.{kind}"] = np.concatenate(parts)
            for new, name in _PARTS.items():
                weights[f"layers.{i}.{new}.{kind}"] = source[f"{old}.{name}.{kind}"]
    return weights


def depth(weights: Mapping[str, Floats]) -> int:
    """How many layers the weights have."""
    return 1 + max(int(name.split(".")[1]) for name in weights if name.startswith("layers."))


@dataclass(frozen=True, slots=True)
class Encoder:
    """The nodes of a graph: what goes in, and what the last layer gives, `[n, t, hidden]`."""

    embeddings: Any
    """f32 `[n, t, hidden]`, of words."""
    mask: Any
    """i64 `[n, t]`, 1 for tokens, 0 for padding."""
    present: Any
    """The mask as f32."""
    hidden: Any


def constant(values: npt.ArrayLike, kind: Any = np.float32) -> Any:
    """A constant of a graph."""
    return import_openvino("openvino.opset13").constant(np.asarray(values, kind))


def whole(values: npt.ArrayLike) -> Any:
    """A constant of whole numbers: a shape or axes."""
    return constant(values, np.int64)


def linear(x: Any, weights: Mapping[str, Floats], name: str) -> Any:
    """`x` times a matrix, which is kept in half precision, plus its bias."""
    op = import_openvino("openvino.opset13")
    matrix = op.convert(constant(weights[f"{name}.weight"], np.float16), np.float32)
    return op.add(op.matmul(x, matrix, False, True), constant(weights[f"{name}.bias"]))


def build_encoder(weights: Mapping[str, Floats]) -> Encoder:
    """The graph of all layers."""
    op = import_openvino("openvino.opset13")

    def norm(x: Any, name: str) -> Any:
        even = op.mvn(x, whole([-1]), True, EPSILON, "inside_sqrt")
        scaled = op.multiply(even, constant(weights[f"{name}.weight"]))
        return op.add(scaled, constant(weights[f"{name}.bias"]))

    width = weights["norm.weight"].size
    embeddings = op.parameter([-1, -1, width], np.float32, name="embeddings")
    mask = op.parameter([-1, -1], np.int64, name="mask")
    length = op.gather(op.shape_of(mask), whole([1]), whole(0))
    places = constant(weights["positions.weight"] + weights["types.weight"])
    positions = op.slice(places, whole([0]), length, whole([1]), whole([0]))
    present = op.convert(mask, np.float32)
    away = op.multiply(op.subtract(constant(1), present), constant(FAR))
    far = op.unsqueeze(away, whole([1, 2]))
    split, swap = whole([0, 0, width // HEAD_WIDTH, HEAD_WIDTH]), whole([0, 2, 1, 3])
    x = norm(op.add(embeddings, positions), "norm")
    for i in range(depth(weights)):
        layer = f"layers.{i}"
        parts = op.split(linear(x, weights, f"{layer}.qkv"), whole(2), 3)
        q, k, v = (op.transpose(op.reshape(parts.output(n), split, True), swap) for n in range(3))
        seen = op.transpose(op.scaled_dot_product_attention(q, k, v, far), swap)
        seen = op.reshape(seen, whole([0, 0, width]), True)
        x = norm(op.add(x, linear(seen, weights, f"{layer}.out")), f"{layer}.attention_norm")
        wide = op.gelu(linear(x, weights, f"{layer}.up"), "erf")
        x = norm(op.add(x, linear(wide, weights, f"{layer}.down")), f"{layer}.output_norm")
    return Encoder(embeddings, mask, present, x)


def mean_pooled(encoder: Encoder) -> Any:
    """Unit vectors `[n, hidden]`: the mean over the tokens, normalised."""
    op = import_openvino("openvino.opset13")
    shares = op.unsqueeze(encoder.present, whole([2]))
    total = op.reduce_sum(op.multiply(encoder.hidden, shares), whole([1]), False)
    mean = op.divide(total, op.reduce_sum(shares, whole([1]), False))
    return op.normalize_l2(mean, whole([1]), EPSILON, "max")


def as_model(output: Any, encoder: Encoder, name: str) -> Any:
    """The finished graph, an `openvino.Model` with the inputs `embeddings` and `mask`."""
    return import_openvino().Model([output], [encoder.embeddings, encoder.mask], name)
