"""The reader's network: a BERT encoder and a span head, from int8 weights, in OpenVINO or in plain torch.

Weight matrices are stored with 8 bits and one scale for each row, and computed in the precision the
machine is best at. Both ways take word embeddings `[n, t, hidden]` (f32) and a mask `[n, t]` (int64, 1 for
tokens) and give the logits of start and end, `[n, t, 2]` (f32), meaningless where padded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rag.models import import_openvino

Floats = npt.NDArray[np.float32]
Network = Callable[[Floats, npt.NDArray[np.int64]], Floats]
HEAD_WIDTH = 32
"""Of each attention head, in e5-small and its kin."""
EPSILON = 1e-12
"""Of the layer norms."""
_FAR = -10000.0


def quantise(matrix: Floats) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float16]]:
    """A matrix `[rows, columns]` in 8 bits, and the scale of each row `[rows, 1]`."""
    scale = np.maximum(np.abs(matrix).max(axis=1, keepdims=True) / 127, 1e-8).astype(np.float16)
    return np.round(matrix / scale.astype(np.float32)).clip(-127, 127).astype(np.int8), scale


def save_weights(weights: Mapping[str, Floats], path: Path) -> None:
    """Write matrices in 8 bits, all else in half precision."""
    from safetensors.numpy import save_file

    stored: dict[str, npt.NDArray[Any]] = {}
    for name, values in weights.items():
        if values.ndim == 2:
            stored[name], stored[f"{name}.scale"] = quantise(values)
        else:
            stored[name] = values.astype(np.float16)
    save_file(stored, path)


def load_weights(path: Path) -> dict[str, Floats]:
    """What `save_weights` wrote, in full precision."""
    from safetensors.numpy import load_file

    stored = load_file(path)
    return {
        name: values.astype(np.float32) * stored.get(f"{name}.scale", np.float16(1)).astype(np.float32)
        for name, values in stored.items()
        if not name.endswith(".scale")
    }


def depth(weights: Mapping[str, Floats]) -> int:
    """How many layers the weights have."""
    return 1 + max(int(name.split(".")[1]) for name in weights if name.startswith("layers."))


def in_openvino(weights: Mapping[str, Floats]) -> Network:
    """The network as an OpenVINO graph, built operation by operation: no file, no tracing, no torch."""
    openvino, op = import_openvino(), import_openvino("openvino.opset13")
    whole = np.int64

    def constant(values: Any, kind: Any = np.float32) -> Any:
        return op.constant(np.asarray(values, kind))

    def linear(x: Any, name: str) -> Any:
        matrix = op.convert(constant(weights[f"{name}.weight"], np.float16), np.float32)
        return op.add(op.matmul(x, matrix, False, True), constant(weights[f"{name}.bias"]))

    def norm(x: Any, name: str) -> Any:
        even = op.mvn(x, constant([-1], whole), True, EPSILON, "inside_sqrt")
        return op.add(
            op.multiply(even, constant(weights[f"{name}.weight"])), constant(weights[f"{name}.bias"])
        )

    hidden = weights["norm.weight"].size
    embeddings = op.parameter([-1, -1, hidden], np.float32, name="embeddings")
    mask = op.parameter([-1, -1], np.int64, name="mask")
    length = op.gather(op.shape_of(mask), constant([1], whole), constant(0, whole))
    positions = op.slice(
        constant(weights["positions.weight"] + weights["types.weight"]),
        constant([0], whole),
        length,
        constant([1], whole),
        constant([0], whole),
    )
    x = norm(op.add(embeddings, positions), "norm")
    absent = op.subtract(constant(1), op.convert(mask, np.float32))
    far = op.unsqueeze(op.multiply(absent, constant(_FAR)), constant([1, 2], whole))
    split, swap = constant([0, 0, hidden // HEAD_WIDTH, HEAD_WIDTH], whole), constant([0, 2, 1, 3], whole)
    for i in range(depth(weights)):
        parts = op.split(linear(x, f"layers.{i}.qkv"), constant(2, whole), 3)
        q, k, v = (op.transpose(op.reshape(parts.output(n), split, True), swap) for n in range(3))
        seen = op.transpose(op.scaled_dot_product_attention(q, k, v, far), swap)
        seen = op.reshape(seen, constant([0, 0, hidden], whole), True)
        x = norm(op.add(x, linear(seen, f"layers.{i}.out")), f"layers.{i}.attention_norm")
        wide = op.gelu(linear(x, f"layers.{i}.up"), "erf")
        x = norm(op.add(x, linear(wide, f"layers.{i}.down")), f"layers.{i}.output_norm")
    graph = openvino.Model([linear(x, "head")], [embeddings, mask], "reader")
    compiled = openvino.Core().compile_model(graph, "CPU", {"PERFORMANCE_HINT": "LATENCY"})
    request, output = compiled.create_infer_request(), compiled.output(0)

    def run(embeddings: Floats, mask: npt.NDArray[np.int64]) -> Floats:
        request.infer({"embeddings": embeddings, "mask": mask})
        return np.array(request.get_tensor(output).data, dtype=np.float32)

    return run


def in_torch(weights: Mapping[str, Floats]) -> Network:
    """The same network in torch, for machines without OpenVINO."""
    import torch
    from torch.nn import functional as F  # noqa: N812 - the name everybody knows it by

    tensors = {name: torch.from_numpy(values) for name, values in weights.items()}
    hidden = weights["norm.weight"].size

    def linear(x: torch.Tensor, name: str) -> torch.Tensor:
        return F.linear(x, tensors[f"{name}.weight"], tensors[f"{name}.bias"])

    def norm(x: torch.Tensor, name: str) -> torch.Tensor:
        return F.layer_norm(x, (hidden,), tensors[f"{name}.weight"], tensors[f"{name}.bias"], EPSILON)

    @torch.inference_mode()
    def run(embeddings: Floats, mask: npt.NDArray[np.int64]) -> Floats:
        n, t, _ = embeddings.shape
        places = tensors["positions.weight"][:t] + tensors["types.weight"]
        x = norm(torch.from_numpy(embeddings) + places, "norm")
        far = ((1.0 - torch.from_numpy(mask).float()) * _FAR)[:, None, None]
        for i in range(depth(weights)):
            block = linear(x, f"layers.{i}.qkv").view(n, t, 3, -1, HEAD_WIDTH)
            q, k, v = block.permute(2, 0, 3, 1, 4)
            seen = F.scaled_dot_product_attention(q, k, v, far).transpose(1, 2).reshape(n, t, hidden)
            x = norm(x + linear(seen, f"layers.{i}.out"), f"layers.{i}.attention_norm")
            wide = F.gelu(linear(x, f"layers.{i}.up"))
            x = norm(x + linear(wide, f"layers.{i}.down"), f"layers.{i}.output_norm")
        found: Floats = linear(x, "head").numpy()
        return found

    return run
