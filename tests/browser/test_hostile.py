"""Three hundred hostile strings, wherever text comes from: all are shown as text, none does anything."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from playwright.sync_api import Page, expect

from browser.chat import Chat, show, stored
from browser.hostile import GROUPS, packed, strings
from browser.served import Served
from browser.watch import Watch
from rag.render import harmless, one_line

ASKED = "Ai trồng cây đa ở làng Vân?"


def test_there_are_three_hundred() -> None:
    assert len(set(strings())) >= 300


def test_titles_and_names_of_files_are_shown_as_text(
    open_page: Callable[..., Page], modelled: Served
) -> None:
    page = open_page(modelled)
    show(page, "articles")
    rows = page.locator("#corpus-table .rag-article-row")
    expect(rows).to_have_count(sum(1 for _ in modelled.corpus.iterdir()))
    shown = rows.evaluate_all(
        "all => all.map((r) => [...r.querySelectorAll('.rag-title, .rag-file')].map((e) => e.textContent))"
    )
    articles = map(partial(stored, modelled.corpus), sorted(f.name for f in modelled.corpus.iterdir()))
    held = [[harmless(one_line(article.title)), harmless(article.source)] for article in articles]
    assert sorted(shown) == sorted(held)


def test_articles_are_shown_as_text(open_page: Callable[..., Page], modelled: Served) -> None:
    page = open_page(modelled)
    for number in range(GROUPS):
        article = stored(modelled.corpus, f"group-{number}.md")
        page.evaluate("(source) => { location.hash = new URLSearchParams({s: source}); }", article.source)
        expect(page.locator("#article h2")).to_have_text(article.title)
        assert page.locator("#article .rag-article-text").evaluate("e => e.textContent") == harmless(
            article.text
        )


def test_choices_of_the_filters_are_shown_as_text(open_page: Callable[..., Page], modelled: Served) -> None:
    page = open_page(modelled)
    page.locator("#filters summary").click()
    options = page.locator("#filter-sources input[type=checkbox]")
    expect(options).to_have_count(sum(1 for _ in modelled.corpus.iterdir()))
    for choice in page.locator("#filter-outlets input[type=checkbox]").all()[:5]:
        choice.check()
    expect(page.locator("#chips .rag-chip").first).to_be_visible()
    assert page.locator("#chips *:is(script, img, iframe, style, a)").count() == 0
    assert page.locator("#filters *:is(script, img, iframe, style, a)").count() == 0


def test_answers_of_a_model_are_shown_as_text(open_page: Callable[..., Page], modelled: Served) -> None:
    page = open_page(modelled)
    chat = Chat(page)
    for number in range(GROUPS):
        answer = chat.ask(f"{ASKED} (group {number})")
        assert answer.locator(":scope *:is(script, img, iframe, style, a, form, object, base)").count() == 0
    expect(chat.answers).to_have_count(GROUPS)
    page.reload()
    expect(chat.answers).to_have_count(GROUPS)


def test_questions_are_shown_as_text(open_page: Callable[..., Page], modelled: Served) -> None:
    page = open_page(modelled)
    chat = Chat(page)
    for question in packed(1900):
        chat.ask(question)
        shown = page.locator("#conversation .rag-question-text").last.evaluate("e => e.textContent")
        assert shown == harmless(question)
    page.reload()
    expect(page.locator("#conversation .rag-question-text")).to_have_count(len(packed(1900)))


def test_half_a_character_is_a_question_like_any_other(page: Page) -> None:
    chat = Chat(page)
    chat.box.evaluate("box => { box.value = 'Ai chủ trì hội nghị ở Đắk Nông \\ud83d?'; }")
    chat.box.press("Enter")
    expect(chat.answer).to_have_attribute("data-state", "done")
    page.reload()
    expect(chat.answer).to_have_attribute("data-state", "done")


def test_the_policy_stops_a_script_even_where_escaping_would_fail(page: Page, watch: Watch) -> None:
    watch.allow("Content Security Policy", "CSP violation", "ERR_FAILED", "Failed to load")
    page.evaluate(
        """() => new Promise((done) => {
            let stopped = 0;
            document.addEventListener("securitypolicyviolation", () => { if (++stopped === 2) done(); });
            const box = document.body.appendChild(document.createElement("div"));
            box.innerHTML = `<img src="x" onerror="window.__pwned = 1">`;
            const script = document.createElement("script");
            script.textContent = "window.__pwned = 1";
            document.body.append(script);
        })"""
    )
    assert not page.evaluate("window.__pwned")
