"""Checkpoints → the weights `rag/reader.py` loads: `python -m eval.reader.export --help`.

Writes `reader.safetensors` (int8 matrices) and `reader.json` (name, hash, how it was trained).
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from eval.reader.evaluate import load_checkpoint
from eval.reader.network import Reader
from rag.encoder import Floats
from rag.reader import MANIFEST, WEIGHTS_FILE
from rag.reader_network import save_weights

NAME = "multilingual-e5-small-reader-1"


def own_weights(model: Reader) -> dict[str, Floats]:
    """All but the word embeddings, which are the embedder's."""
    return {
        name: value.detach().float().numpy().astype(np.float32)
        for name, value in model.state_dict().items()
        if name != "words.weight"
    }


def save(weights: dict[str, Floats], folder: Path, trained: dict[str, Any]) -> None:
    """Write weights and manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    save_weights(weights, folder / WEIGHTS_FILE)
    (folder / WEIGHTS_FILE).chmod(0o644)
    digest = hashlib.sha256((folder / WEIGHTS_FILE).read_bytes()).hexdigest()
    manifest = {"name": NAME, "sha256": {WEIGHTS_FILE: digest}, "trained": trained}
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def averaged(weights: Sequence[dict[str, Floats]], shares: Sequence[float]) -> dict[str, Floats]:
    """The mean of the weights of several checkpoints, each with its share.

    Ends of trainings that began from one another lie in one valley, and their mean reads better than any.
    """
    parts = np.array(shares) / sum(shares)
    mean = {
        name: sum(part * each[name] for part, each in zip(parts, weights, strict=True)) for name in weights[0]
    }
    return {name: np.asarray(values, dtype=np.float32) for name, values in mean.items()}


def main() -> None:
    """Export."""
    parser = argparse.ArgumentParser(
        prog="python -m eval.reader.export", description="Export the reader for use."
    )
    parser.add_argument("--embedder", type=Path, required=True, help="Sentence Transformers folder")
    parser.add_argument(
        "--checkpoint", type=Path, required=True, action="append", help="of several the mean is taken"
    )
    parser.add_argument(
        "--share",
        type=float,
        action="append",
        help="of each checkpoint in the mean, in their order; all alike",
    )
    parser.add_argument("--to", type=Path, required=True, help="folder for the files")
    options = parser.parse_args()
    shares = options.share or [1.0] * len(options.checkpoint)
    if len(shares) != len(options.checkpoint):
        parser.error("give as many shares as checkpoints")
    states = [torch.load(path, weights_only=True) for path in options.checkpoint]
    trained = {
        "steps": [state["step"] for state in states],
        "shares": shares,
        "decay_from": [state["decay_from"] for state in states],
        "draws": states[-1]["stream"],
    }
    weights = [own_weights(load_checkpoint(options.embedder, path)) for path in options.checkpoint]
    save(averaged(weights, shares), options.to, trained)


if __name__ == "__main__":
    main()
