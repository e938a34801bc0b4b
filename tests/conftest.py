"""Shared fixtures: an environment of its own for every test, and the real models, loaded once."""

from __future__ import annotations

import os

import pytest

from rag.embed import Embedder, load_embedder
from rag.settings import Settings, load_settings


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
