"""What a reader does on the page, and what the page holds, as the tests put it."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from rag.articles import read_article
from rag.types import Article

MOST_STEPS = 150
"""Presses of Tab that are more than any page needs."""
ENDED = re.compile("done|stopped|failed")
WIDE, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}


class Chat:
    """The conversation of one tab."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.box = page.locator("#question textarea")
        self.answers = page.locator("#conversation .rag-answer")

    @property
    def answer(self) -> Locator:
        return self.answers.last

    def send(self, question: str) -> None:
        """Ask, and wait until an answer begins."""
        already = self.answers.count()
        self.box.fill(question)
        self.page.locator("#send").click()
        expect(self.answers).to_have_count(already + 1)

    def ask(self, question: str) -> Locator:
        """Ask, and wait until the answer has ended."""
        self.send(question)
        expect(self.answer).to_have_attribute("data-state", ENDED)
        return self.answer

    def answered(self, question: str) -> Locator:
        """Ask what the articles can answer."""
        answer = self.ask(question)
        expect(answer).to_have_attribute("data-state", "done")
        expect(answer).to_have_attribute("data-status", "answered")
        return answer


def show(page: Page, view: str) -> None:
    """Go to `chat`, `articles` or `evaluation`; on a phone through the menu."""
    if page.locator("#menu").is_visible():
        page.locator("#menu").click()
    page.locator(f'button.rag-view[data-view="{view}"]').click()
    expect(page.locator("#rag")).to_have_attribute("data-view", view)


def tab_to(page: Page, selector: str, key: str = "Tab") -> None:
    """Press Tab until the focus is there."""
    for _ in range(MOST_STEPS):
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press(key)
    raise AssertionError(f"{selector} cannot be reached with {key}")


def stored(corpus: Path, source: str) -> Article:
    """The article as the index holds it."""
    return read_article(corpus / source, corpus)


def cited(corpus: Path, marker: Locator) -> str:
    """The words that a citation marker points at, cut out of the file itself."""
    start, end = int(marker.get_attribute("data-start") or -1), int(marker.get_attribute("data-end") or -1)
    return stored(corpus, marker.get_attribute("data-source") or "").text[start:end]


def squeezed(text: str) -> str:
    """White space does not count: a paragraph's end is a line in the file and a gap on the page."""
    return re.sub(r"\s+", "", text)


def highlighted(page: Page) -> str:
    """All highlighted words of the open article, squeezed."""
    return squeezed("".join(page.locator("#article mark.rag-quote").all_text_contents()))


def before_highlight(page: Page) -> str:
    """All of the article's text in front of the highlight, squeezed."""
    return squeezed(
        page.locator("#article .rag-article-text").evaluate(
            """(text) => {
                const range = document.createRange();
                range.setStart(text, 0);
                range.setEndBefore(text.querySelector("mark.rag-quote"));
                return range.toString();
            }"""
        )
    )
