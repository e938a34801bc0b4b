"""Flags → settings → an open assistant, with its progress shown. What every command begins with."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rag.assistant import Assistant
    from rag.render import ProgressBars
    from rag.settings import Settings


def settings_of(**flags: Any) -> Settings:
    """The settings, a flag that is None left to environment and file. Raises SettingsError."""
    from rag.settings import load_settings

    return load_settings(**flags)


def open_assistant(settings: Settings, progress: ProgressBars) -> Assistant:
    """An assistant over them. Raises as `Assistant.open`."""
    from rag.assistant import Assistant

    return Assistant.open(settings, progress)


@contextmanager
def opened(settings: Settings) -> Iterator[tuple[Assistant, ProgressBars]]:
    """The assistant, and what shows on standard error how far it is."""
    from rag.render import ProgressBars

    with (
        closing(ProgressBars(sys.stderr)) as progress,
        closing(open_assistant(settings, progress)) as assistant,
    ):
        yield assistant, progress


def opened_for(**flags: Any) -> AbstractContextManager[tuple[Assistant, ProgressBars]]:
    """`opened` for what the flags say."""
    return opened(settings_of(**flags))
