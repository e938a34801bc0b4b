"""Shared fixtures: an environment of its own for every test, and the real models, loaded once."""

from __future__ import annotations

import os
import signal

import pytest
from hypothesis import settings

from rag.embed import Embedder, load_embedder
from rag.settings import Settings, load_settings

# No test is timed, and the same cases are tried on every machine.
settings.register_profile("untimed", deadline=None, derandomize=True)
settings.load_profile("untimed")
# A shell that runs the tests in the background has them ignore Ctrl-C, and all they start with them.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the developer has set must not change a result; only the place of prepared models counts."""
    for name in os.environ:
        if name.startswith("RAG_") and name != "RAG_CACHE":
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def real_settings() -> Settings:
    """Settings whose cache holds the prepared models (they are prepared on first use)."""
    return load_settings()


@pytest.fixture(scope="session")
def offline_embedder(real_settings: Settings) -> Embedder:
    """The real embedder; only for tests marked slow."""
    return load_embedder(real_settings)
