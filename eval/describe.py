"""What a run depends on: code, packages, corpus, prompts, settings, machine. Written into its first line."""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import rag
from eval.dataset import Dataset
from rag.types import Article

SCHEMA = 1
PACKAGES = (
    "chromadb",
    "langchain-core",
    "numpy",
    "openvino",
    "openvino-genai",
    "sentence-transformers",
    "tokenizers",
    "torch",
    "transformers",
)
MAY_DIFFER = ("date",)
"""What may be different when an interrupted run goes on; everything else must be the same."""


def header(
    dataset: Dataset, articles: Iterable[Article], settings: Mapping[str, Any], prompts: Mapping[str, str]
) -> dict[str, Any]:
    """The first line of a run. Two runs with the same header, date apart, are comparable in every figure."""
    return {
        "kind": "header",
        "schema": SCHEMA,
        "name": dataset.name,
        "mode": dataset.mode,
        "questions": len(dataset.questions),
        "questions_sha256": dataset.sha256,
        "rag": rag.__version__,
        "code": code_hash(),
        "python": platform.python_version(),
        "packages": {name: found for name in PACKAGES if (found := _version(name))},
        "corpus": corpus_hash(articles),
        "prompts": dict(prompts),
        "settings": dict(sorted(settings.items())),
        "machine": machine(),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """The names of what differs between two headers, apart from what may."""
    return [key for key in sorted({*old, *new}) if key not in MAY_DIFFER and old.get(key) != new.get(key)]


def corpus_hash(articles: Iterable[Article]) -> dict[str, Any]:
    """Number of articles and one digest over all their names and contents."""
    lines = sorted(f"{article.source}\t{article.sha256}" for article in articles)
    return {"articles": len(lines), "sha256": hashlib.sha256("\n".join(lines).encode()).hexdigest()}


def code_hash() -> str:
    """Digest over the package's own modules: other code may give other answers."""
    hashes = file_hashes(Path(rag.__file__).parent, "*.py")
    return hashlib.sha256(
        "\n".join(f"{name} {digest}" for name, digest in hashes.items()).encode()
    ).hexdigest()


def file_hashes(folder: Path, pattern: str) -> dict[str, str]:
    """Name → SHA-256 of the files of a folder that match, sorted by name."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.glob(pattern))}


def machine() -> dict[str, Any]:
    """Processor, cores this process may use, memory in GiB, operating system. Nothing that names the host."""
    return {
        "cpu": _cpu(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gib": _memory(),
        "system": f"{platform.system()} {platform.machine()}",
    }


def peak_memory_mib() -> int | None:
    """Most memory this process ever held, in MiB; None where the system does not tell."""
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (2**20 if platform.system() == "Darwin" else 2**10))


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def _memory() -> int | None:
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)
    except (AttributeError, ValueError, OSError):
        return None
