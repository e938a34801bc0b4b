"""How soon the page shows something, in Chromium, beside a running `rag web`: `python -m eval.page URL`."""

from __future__ import annotations

import json
import shutil
import statistics
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

QUESTIONS = Path(__file__).parent / "questions" / "factual.jsonl"
PATIENCE = 120_000
"""Milliseconds for one answer."""

# A time counts when the browser has drawn what it stands for.
_OBSERVE = """() => {
    const times = window.__times = {};
    const drawn = (name) => {
        if (times[name] === undefined) {
            times[name] = null;
            requestAnimationFrame(() => { times[name] = performance.now() - times.sent; });
        }
    };
    document.querySelector("#send").addEventListener(
        "click", () => { times.sent = performance.now(); }, {capture: true, once: true});
    new MutationObserver((_, observer) => {
        if (times.sent === undefined) return;
        if (document.querySelector("#sources .rag-source")) drawn("passages");
        if (document.querySelector(".rag-answer .rag-text")?.textContent.trim()) drawn("first token");
        if (!document.querySelector(".rag-answer[data-state=done]")) return;
        drawn("answer");
        observer.disconnect();
    }).observe(document.body, {subtree: true, childList: true, characterData: true, attributes: true});
}"""

_DRAWN = """() => new Promise((done) =>
    requestAnimationFrame(() => requestAnimationFrame(() => done(window.__times))))"""


def main(
    url: Annotated[str, typer.Argument(help="Address of the running page, as `rag web` prints it.")],
    runs: Annotated[int, typer.Option(min=1, help="Pages opened, and questions asked.")] = 10,
) -> None:
    """Open the page in a new profile, ask one question, and time what is drawn; medians of all runs."""
    from playwright.sync_api import sync_playwright

    lines = QUESTIONS.read_text("utf-8").splitlines()
    questions = [json.loads(line)["question"] for line in lines]
    times: dict[str, list[float]] = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for run in range(runs):
            for name, milliseconds in _measure(browser, url, questions[run % len(questions)]).items():
                times.setdefault(name, []).append(milliseconds)
        browser.close()
    for name, values in times.items():
        print(f"{name:<12} {statistics.median(values):7.0f} ms  ({min(values):.0f}–{max(values):.0f})")


def _measure(browser: Browser, url: str, question: str) -> dict[str, float]:
    """Milliseconds: to the first paint from the start of the navigation, all others from sending."""
    context = browser.new_context(locale="vi-VN")
    try:
        page = context.new_page()
        page.goto(url)
        page.locator("#question textarea").fill(question)
        first_paint = _first_paint(page)
        page.evaluate(_OBSERVE)
        page.locator("#send").click()
        page.locator(".rag-answer[data-state=done]").wait_for(timeout=PATIENCE)
        times: dict[str, float] = page.evaluate(_DRAWN)
        names = ("passages", "first token", "answer")
        return {"first paint": first_paint, **{name: times[name] for name in names if name in times}}
    finally:
        context.close()


def _first_paint(page: Page) -> float:
    return float(page.evaluate('performance.getEntriesByName("first-contentful-paint")[0].startTime'))


if __name__ == "__main__":
    typer.run(main)
