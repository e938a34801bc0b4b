"""Checkpoint → the weights `rag/reader.py` loads: `python -m eval.reader.export --help`.

Writes `reader.xml` and `reader.bin` (OpenVINO, int8 by NNCF) and `reader.json` (name, hashes, and the
calibration of the no-answer score). Quantisation is calibrated on the training data.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from eval.reader.data import Cutter, Stream, Window, open_sources
from eval.reader.evaluate import load_checkpoint
from eval.reader.network import Layer, Reader

HIDDEN = 384


class Padded(nn.Module):
    """The reader over padded word embeddings [n, t, 384] and a mask [n, t]; logits [n, t, 2]."""

    def __init__(self, reader: Reader) -> None:
        super().__init__()
        self.reader = reader

    def forward(self, embeddings: Tensor, mask: Tensor) -> Tensor:
        """Written for tracing: no length is taken from the example."""
        reader = self.reader
        positions = torch.cumsum(torch.ones_like(mask), 1) - 1
        x = reader.norm(embeddings + reader.types.weight[0] + reader.positions(positions))
        additive = (1.0 - mask[:, None, None, :].float()) * -10000.0
        for module in reader.layers:
            layer = cast(Layer, module)
            heads = layer.heads
            width = HIDDEN // heads
            q, k, v = (
                part.unflatten(-1, (heads, width)).transpose(1, 2) for part in layer.qkv(x).chunk(3, dim=-1)
            )
            scores = (q * width**-0.5) @ k.transpose(-1, -2) + additive
            seen = (scores.softmax(-1) @ v).transpose(1, 2).flatten(2)
            x = layer.attention_norm(x + layer.out(seen))
            x = layer.output_norm(x + layer.down(nn.functional.gelu(layer.up(x))))
        logits: Tensor = reader.head(x)
        return logits


def to_openvino(model: Reader) -> Any:
    """The graph in full precision."""
    from rag.models import import_openvino

    openvino = import_openvino()
    example = {"embeddings": torch.zeros(2, 8, HIDDEN), "mask": torch.ones(2, 8, dtype=torch.int64)}
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return openvino.convert_model(Padded(model).eval(), example_input=example)


def to_inputs(window: Window, words: np.ndarray) -> dict[str, np.ndarray]:
    """One window as the graph's inputs, batch of one."""
    return {
        "embeddings": words[window.ids].astype(np.float32)[None],
        "mask": np.ones((1, len(window.ids)), np.int64),
    }


def quantise(graph: Any, windows: Sequence[Window], words: np.ndarray) -> Any:
    """Weights and activations to int8; the head stays as it is."""
    import nncf

    samples = nncf.Dataset([to_inputs(window, words) for window in windows])
    return nncf.quantize(graph, samples, model_type=nncf.ModelType.TRANSFORMER, subset_size=len(windows))


def save(
    graph: Any, folder: Path, *, name: str, calibration: dict[str, float], trained: dict[str, Any]
) -> None:
    """Write graph and manifest."""
    from rag.models import import_openvino

    openvino = import_openvino()
    folder.mkdir(parents=True, exist_ok=True)
    openvino.save_model(graph, str(folder / "reader.xml"), compress_to_fp16=True)
    hashes = {
        file: hashlib.sha256((folder / file).read_bytes()).hexdigest()
        for file in ("reader.xml", "reader.bin")
    }
    manifest = {"name": name, "sha256": hashes, "calibration": calibration, "trained": trained}
    (folder / "reader.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def main() -> None:
    """Export."""
    parser = argparse.ArgumentParser(description="Export the reader for use.")
    parser.add_argument("--embedder", type=Path, required=True, help="Sentence Transformers folder")
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True, help="folder of the reading-comprehension files")
    parser.add_argument("--to", type=Path, required=True, help="folder for the files")
    parser.add_argument("--samples", type=int, default=160, help="windows the quantisation is calibrated on")
    parser.add_argument("--full", action="store_true", help="leave it in half precision")
    parser.add_argument("--slope", type=float, default=1.0)
    parser.add_argument("--offset", type=float, default=0.0)
    options = parser.parse_args()
    model = load_checkpoint(options.embedder, options.checkpoint)
    graph = to_openvino(model)
    state = torch.load(options.checkpoint, weights_only=True)
    if not options.full:
        words = model.words.weight.detach().numpy()
        cutter = Cutter(Tokenizer.from_file(str(options.embedder / "tokenizer.json")))
        stream = Stream(open_sources(options.data, 7), cutter, tokens=1000, seed=7)
        windows: list[Window] = []
        while len(windows) < options.samples:
            windows += stream.next()
        graph = quantise(graph, windows[: options.samples], words)
    save(
        graph,
        options.to,
        name="multilingual-e5-small-reader-1",
        calibration={"slope": options.slope, "offset": options.offset},
        trained={"steps": state["step"], "decay_from": state["decay_from"], "draws": state["stream"]},
    )


if __name__ == "__main__":
    main()
