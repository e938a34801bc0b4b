"""`rag web` in a process of its own, on a corpus and in a home of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
STARTING = 300
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
        self._process: subprocess.Popen[bytes] | None = None

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
        """Serve; on the same port again after a stop, so that an open tab finds it. Its log is `web.log`."""
        log = self.home / "web.log"
        command = [sys.executable, "-m", self._module, "web", "--port", str(port), *self._options]
        with log.open("w") as stream:
            self._process = subprocess.Popen(
                [*command, *self._where()], cwd=self.home, env=self._environment(), stderr=stream
            )
        try:
            self.url = self._address(log)
        except BaseException:
            self.stop()
            raise
        return self

    def _address(self, log: Path) -> str:
        """What the page says when it is ready."""
        assert self._process is not None
        ends = time.monotonic() + STARTING
        while not (found := re.search(r"http://[\d.]+:\d+", log.read_text())):
            if self._process.poll() is not None or time.monotonic() > ends:
                raise RuntimeError(f"The page is not served:\n{log.read_text()}")
            time.sleep(0.1)
        return found[0]

    def stop(self) -> None:
        """Stop as Ctrl-C does."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
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
