"""The page as it is served, a browser, and a watch over everything that a tab does."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from browser.chat import WIDE
from browser.formats import write_formats
from browser.hostile import write_articles
from browser.served import ROOT, Served
from browser.watch import Watch

PATIENCE = 60_000
"""Milliseconds; only a page that is broken takes so long, even on a busy machine."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    missing = pytest.mark.skip(reason="Chromium is not installed (Debian: apt-get install chromium)")
    for item in items:
        if "browser" in item.path.parts:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.slow)
            if shutil.which("chromium") is None:
                item.add_marker(missing)


# Playwright keeps an event loop running in this thread: it has to be gone before other packages are tested.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        # Names outside this machine are not even looked up; asking for one is still seen.
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"],
        )
        yield chromium
        chromium.close()


@pytest.fixture(scope="package")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The page with the engine that needs no model, over our articles and one of every format."""
    home = tmp_path_factory.mktemp("served")
    shutil.copytree(ROOT / "corpus", home / "corpus", ignore=shutil.ignore_patterns("README.md"))
    write_formats(home / "corpus")
    served = Served(home, "--llm", "extractive")
    served.index()
    yield served.start()
    served.stop()


@pytest.fixture(scope="package")
def modelled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The page with the model of `fake_model.py`, over our articles and the hostile ones."""
    home = tmp_path_factory.mktemp("modelled")
    shutil.copytree(ROOT / "corpus", home / "corpus", ignore=shutil.ignore_patterns("README.md"))
    write_articles(home / "corpus")
    served = Served(home, "--llm", "fake:model", module="browser.fake_model", RAG_UNSUPPORTED="strike")
    served.index()
    yield served.start()
    served.stop()


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def new_context(browser: Browser, watch: Watch) -> Iterator[Callable[..., BrowserContext]]:
    """Makes a browser profile of its own: nothing is shared with another. Its tabs are watched."""
    contexts: list[BrowserContext] = []

    def make(**options: Any) -> BrowserContext:
        context = browser.new_context(**{"viewport": WIDE, "locale": "vi-VN", **options})
        context.set_default_timeout(PATIENCE)
        watch.over(context)
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        watch.look(context)
        context.close()
    watch.check()


@pytest.fixture
def open_page(new_context: Callable[..., BrowserContext], served: Served) -> Callable[..., Page]:
    """Opens the page in a new profile."""

    def open_(at: Served = served, **options: Any) -> Page:
        page = new_context(**options).new_page()
        page.goto(at.url)
        page.locator("#question textarea").wait_for()
        return page

    return open_


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    return open_page()
