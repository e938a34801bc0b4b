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

from rag.encoder import EPSILON, FAR, HEAD_WIDTH, Floats, as_model, build_encoder, depth, linear
from rag.models import import_openvino

Network = Callable[[Floats, npt.NDArray[np.int64]], Floats]


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


def in_openvino(weights: Mapping[str, Floats]) -> Network:
    """The network in OpenVINO."""
    encoder = build_encoder(weights)
    graph = as_model(linear(encoder.hidden, weights, "head"), encoder, "reader")
    compiled = import_openvino().Core().compile_model(graph, "CPU", {"PERFORMANCE_HINT": "LATENCY"})
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
        far = ((1.0 - torch.from_numpy(mask).float()) * FAR)[:, None, None]
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
