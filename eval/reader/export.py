"""Checkpoint → the weights `rag/reader.py` loads: `python -m eval.reader.export --help`.

Writes `reader.safetensors` (int8 matrices) and `reader.json` (name, hash, how it was trained).
"""

from __future__ import annotations

import argparse
import hashlib
import json
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


def save(model: Reader, folder: Path, trained: dict[str, Any]) -> None:
    """Write weights and manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    save_weights(own_weights(model), folder / WEIGHTS_FILE)
    (folder / WEIGHTS_FILE).chmod(0o644)
    digest = hashlib.sha256((folder / WEIGHTS_FILE).read_bytes()).hexdigest()
    manifest = {"name": NAME, "sha256": {WEIGHTS_FILE: digest}, "trained": trained}
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def main() -> None:
    """Export."""
    parser = argparse.ArgumentParser(
        prog="python -m eval.reader.export", description="Export the reader for use."
    )
    parser.add_argument("--embedder", type=Path, required=True, help="Sentence Transformers folder")
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--to", type=Path, required=True, help="folder for the files")
    options = parser.parse_args()
    state = torch.load(options.checkpoint, weights_only=True)
    trained = {"steps": state["step"], "decay_from": state["decay_from"], "draws": state["stream"]}
    save(load_checkpoint(options.embedder, options.checkpoint), options.to, trained)


if __name__ == "__main__":
    main()
