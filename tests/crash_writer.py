"""A process that runs the indexer in children which die when told to. Started by test_crash.py.

One line on standard input is one run: JSON with `corpus`, `index`, and how it ends: `after` (seconds until
SIGKILL), `at` (a function before which it is killed), `call` (which call of it, from 1), or `file_bytes`
(no file may grow larger). The answer is one line: `killed`, `done`, or the error and its hint.
"""

from __future__ import annotations

import json
import os
import pkgutil
import resource
import signal
import sys
import time
from pathlib import Path
from typing import Any
from unittest import mock

import chromadb  # noqa: F401  Imported once here, so that a child starts writing at once.
from hash_embedder import HashEmbedder, run_ingest

import rag.ingest
from rag.errors import RagError


def run(order: dict[str, Any], pipe: int) -> None:
    """Index as ordered; in a child, which may die of it."""
    if "file_bytes" in order:
        resource.setrlimit(resource.RLIMIT_FSIZE, (order["file_bytes"], order["file_bytes"]))
    rag.ingest._BATCH_CHARACTERS = order.get("batch", rag.ingest._BATCH_CHARACTERS)
    if "at" in order:
        original = pkgutil.resolve_name(order["at"])
        calls = []

        def deadly(*args: Any, **options: Any) -> Any:
            calls.append(1)
            if len(calls) == order.get("call", 1):
                os.kill(os.getpid(), signal.SIGKILL)
            return original(*args, **options)

        mock.patch(order["at"], deadly).start()
    embedder = HashEmbedder()
    try:
        run_ingest(Path(order["corpus"]), Path(order["index"]), embedder)
    except RagError as error:
        os.write(pipe, f"{type(error).__name__}: {error}".replace("\n", " ").encode())


def main() -> None:
    """Obey orders until standard input ends. Never opens Chroma itself: a fork after that would hang."""
    for line in sys.stdin:
        order = json.loads(line)
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                run(order, writing)
            finally:
                os._exit(0)
        os.close(writing)
        if "after" in order:
            time.sleep(order["after"])
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        with os.fdopen(reading, encoding="utf-8") as pipe:
            said = pipe.read() or "done"
        if os.WIFSIGNALED(status):
            said = f"killed by {os.WTERMSIG(status)}"
        sys.stdout.write(said + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
