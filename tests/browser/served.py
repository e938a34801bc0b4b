"""`rag web` in a process of its own, on a corpus and in a home of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

ROOT = Path(__file__).parents[2]
STARTING = 120
"""Seconds; the models may have to be prepared first."""


class Served:
    """A running page. `url` has no slash at its end."""

    def __init__(self, home: Path, *options: str, module: str = "rag", **settings: str) -> None:
        """`home` holds `corpus/`, and `index/` once `index` was called."""
        self.home = home
        self.corpus = home / "corpus"
        self.url = ""
        self._module = module
        self._options = options
        self._settings = settings
        self._process: subprocess.Popen[str] | None = None

    def index(self) -> None:
        """As `rag index` does, from outside."""
        subprocess.run(
            [sys.executable, "-m", "rag", "index", *self._where()],
            cwd=self.home,
            env=self._environment(),
            check=True,
            capture_output=True,
            timeout=STARTING,
        )

    def start(self, port: int = 0) -> Served:
        """Serve; on the same port again after a stop, so that an open tab finds it."""
        log: list[str] = []
        ready = threading.Event()
        command = [
            sys.executable,
            "-m",
            self._module,
            "web",
            "--port",
            str(port),
            *self._options,
            *self._where(),
        ]
        self._process = subprocess.Popen(
            command, cwd=self.home, env=self._environment(), stderr=subprocess.PIPE, text=True
        )

        def read() -> None:
            assert self._process is not None
            assert self._process.stderr is not None
            for line in self._process.stderr:
                log.append(line)
                if found := re.search(r"http://[\d.]+:\d+", line):
                    self.url = found[0]
                    ready.set()
            ready.set()

        self._reader = threading.Thread(target=read, daemon=True)
        self._reader.start()
        if not ready.wait(STARTING) or not self.url:
            self.stop()
            raise RuntimeError("The page is not served:\n" + "".join(log))
        return self

    def stop(self) -> None:
        """Stop as Ctrl-C does."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._reader.join()
            assert self._process.stderr is not None
            self._process.stderr.close()
            self._process = None

    def restart(self) -> None:
        self.stop()
        self.start(int(self.url.rpartition(":")[2]))

    def _where(self) -> list[str]:
        return ["--corpus", str(self.corpus), "--index", str(self.home / "index")]

    def _environment(self) -> dict[str, str]:
        """Nothing of the developer's but the place of the prepared models."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("RAG_")}
        cache = {"RAG_CACHE": os.environ["RAG_CACHE"]} if "RAG_CACHE" in os.environ else {}
        paths = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
        return {
            **kept,
            **cache,
            **self._settings,
            "XDG_DATA_HOME": str(self.home / "data"),
            "PYTHONPATH": paths,
        }
