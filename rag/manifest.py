"""What one generation is on disk: its name, its manifest, and whether its files are still what they were."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rag.cache import store_errors
from rag.errors import IndexMismatch, IndexMissing, StoreError

SCHEMA = 2
REBUILD = "Run `rag index --rebuild`; it uses the vectors that were already computed."
# Chroma notes every opening in its own database, so this one file may change and grow.
CHROMA_DATABASE = "chroma/chroma.sqlite3"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What one generation was built with and what it holds."""

    schema: int
    embedder: str
    """Name for people; `fingerprint` is what decides."""
    fingerprint: str
    dimension: int
    reader: str
    """Versions of the modules that read, cut and index the articles."""
    chunker: str
    lexical: str
    chunk_tokens: int
    corpus: str
    created: str
    """ISO 8601, UTC."""
    articles: int
    chunks: int
    sentences: int
    previous: str = ""
    """The generation published before this one, kept for readers that still use it."""
    calibration: dict[str, Any] = field(default_factory=dict)
    files: dict[str, tuple[int, str]] = field(default_factory=dict)
    """Path below the generation → bytes, SHA-256."""


def current(index_dir: Path) -> str:
    """Name of the published generation.

    Raises:
        IndexMissing: nothing has been published here.
        StoreError: CURRENT cannot be read.
    """
    try:
        with store_errors(index_dir, "read the index"):
            name = (index_dir / "CURRENT").read_bytes().decode("ascii", "replace").strip()
    except StoreError as error:
        if isinstance(error.__cause__, FileNotFoundError | NotADirectoryError):
            raise IndexMissing(
                f"There is no index in {index_dir}.",
                "Run `rag index` first, or name another folder with --index.",
            ) from None
        raise
    if not re.fullmatch(r"\w[\w.-]*", name):
        raise StoreError(f"The file CURRENT in {index_dir} is damaged.", REBUILD)
    return name


def generation_path(index_dir: Path, name: str) -> Path:
    """Folder of a generation."""
    return index_dir / "generations" / name


def check_embedder(manifest: Manifest, fingerprint: str | None, embedder_name: str | None = None) -> None:
    """Raise IndexMismatch, naming both, unless the index was built by this embedder (None: any)."""
    if fingerprint is None or manifest.fingerprint == fingerprint:
        return
    built, wanted = manifest.embedder, embedder_name or fingerprint
    if built == wanted:
        built, wanted = f"{built} ({manifest.fingerprint})", f"{wanted} ({fingerprint})"
    raise IndexMismatch(
        f"The index was built with the embedder {built}, but the settings name {wanted}.",
        f"Run `rag index --rebuild` to build it with {wanted}, or set embedding_model back.",
    )


def read_manifest(path: Path) -> Manifest:
    """The manifest of a generation folder.

    Raises:
        IndexMismatch: another version of this program wrote it.
        StoreError: it is missing or damaged.
    """
    try:
        data = json.loads((path / "manifest.json").read_bytes())
        if data["schema"] != SCHEMA:
            raise IndexMismatch(
                f"The index has layout {data['schema']}, this version reads layout {SCHEMA}.",
                "Run `rag index` to build it again.",
            )
        known = {item.name for item in dataclasses.fields(Manifest)}
        data["files"] = {name: (int(size), str(digest)) for name, (size, digest) in data["files"].items()}
        return Manifest(**{key: value for key, value in data.items() if key in known})
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise StoreError(f"The manifest of {path} is missing or damaged.", REBUILD) from error


def file_records(path: Path) -> dict[str, tuple[int, str]]:
    """Size and SHA-256 of every file of a generation but the manifest."""
    records = {}
    for file in sorted(path.rglob("*")):
        name = file.relative_to(path).as_posix()
        if file.is_file() and name != "manifest.json":
            with file.open("rb") as stream:
                records[name] = (file.stat().st_size, hashlib.file_digest(stream, "sha256").hexdigest())
    return records


def damages(path: Path, manifest: Manifest, *, hashes: bool) -> list[str]:
    """What is wrong with the files of a generation, one line each; empty when nothing is."""
    found = []
    for name, (size, digest) in manifest.files.items():
        file = path / name
        try:
            actual = file.stat().st_size
            if name == CHROMA_DATABASE:
                if actual < size:
                    found.append(f"{name} is cut short")
            elif actual != size:
                found.append(f"{name} has {actual} bytes instead of {size}")
            elif hashes:
                with file.open("rb") as stream:
                    if hashlib.file_digest(stream, "sha256").hexdigest() != digest:
                        found.append(f"{name} has changed")
        except FileNotFoundError:
            found.append(f"{name} is missing")
        except OSError as error:
            found.append(f"{name} cannot be read ({error.strerror})")
    return found
