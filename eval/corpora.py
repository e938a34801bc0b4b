"""The paragraphs of a SQuAD file as a folder of articles, so that they are indexed like any other corpus."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from eval.dataset import squad_paragraphs


def is_squad(path: Path) -> bool:
    """Whether the file is read as SQuAD: any single file that is not JSON Lines."""
    return path.is_file() and path.suffix != ".jsonl"


def write_corpus(squad: Path, cache: Path) -> Path:
    """Write every paragraph as a Markdown article of its own below `cache`, once. Returns the corpus folder.

    The folder is named after the file's content, so another version of the file gets another folder; a folder
    that was left half written is written again. Sources are those that `eval.dataset.read_squad` names.
    """
    digest = hashlib.sha256(squad.read_bytes()).hexdigest()[:12]
    home = cache / "eval" / f"{squad.stem}-{digest}"
    corpus, done = home / "corpus", home / "complete"
    if done.exists():
        return corpus
    for source, text, _ in squad_paragraphs(squad):
        path = corpus / source
        path.parent.mkdir(parents=True, exist_ok=True)
        title = path.parent.name.split("-", 1)[1].replace("-", " ")
        path.write_text(f"---\ntitle: {json.dumps(title)}\n---\n\n{text}\n", encoding="utf-8")
    done.touch()
    return corpus
