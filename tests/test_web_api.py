"""The page's endpoints for programs: the contract, and errors as clear text."""

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path
from types import SimpleNamespace

import pytest
from fake_assistant import ANSWER, ARTICLES, FakeAssistant

from rag import contract
from rag.types import Filters, Turn
from rag.web.api import add_api


class Gradio:
    """What `add_api` uses of Gradio."""

    class Error(Exception):
        def __init__(self, message, print_exception=True):
            super().__init__(message)

    def __init__(self):
        self.endpoints = {}

    def api(self, call, api_name):
        self.endpoints[api_name] = call


def service():
    assistant = FakeAssistant()
    return SimpleNamespace(assistant=assistant, answer=assistant.ask)


@pytest.fixture
def endpoints():
    gradio = Gradio()
    made = service()
    add_api(gradio, made)
    return SimpleNamespace(**gradio.endpoints, assistant=made.assistant)


def test_the_answer_is_the_contract(endpoints):
    history = [{"question": "Ai?", "answer": "Ông Hải."}]
    assert endpoints.ask("Ai chủ trì hội nghị?", "2023", "", ["Báo Hà Tĩnh"], [], history) == ANSWER.to_dict()
    ((question, turns, filters),) = endpoints.assistant.asked
    assert question == "Ai chủ trì hội nghị?"
    assert turns == (Turn("Ai?", "Ông Hải."),)
    assert filters == Filters(since="2023", outlets=("Báo Hà Tĩnh",))


def test_search_articles_and_article(endpoints):
    assert endpoints.search(" chủ trì ", 3)["passages"][0]["source"] == ARTICLES[0].source
    assert endpoints.assistant.searched[0][:2] == ("chủ trì", 3)
    assert [each["chunks"] for each in endpoints.articles()["articles"]] == [1, 2, 3]
    assert endpoints.article(ARTICLES[0].source)["text"] == ARTICLES[0].text


@pytest.mark.parametrize(
    ("endpoint", "arguments", "told"),
    [
        ("ask", ["x" * (contract.LONGEST_QUESTION + 1)], "2001 characters"),
        ("ask", ["  "], "The question is empty"),
        ("ask", [5], "question: Input should be a valid string"),
        ("ask", ["x", "", "", "Báo"], "outlets: "),
        ("ask", ["x", "gestern"], "since is 'gestern'"),
        ("ask", ["x", "", "2023-02-30"], "until is '2023-02-30'"),
        ("ask", ["x", "", "", [], [], [{"q": "?"}]], "The history cannot be read"),
        ("ask", ["broken?"], "Try --llm extractive"),
        ("search", ["x", 0], "1 to 50"),
        ("search", ["x", "5"], "k: Input should be a valid integer"),
        ("article", ["ha-tinh"], f"Did you mean {ARTICLES[0].source}"),
    ],
)
def test_an_error_is_clear_text(endpoint, arguments, told, endpoints):
    with pytest.raises(Gradio.Error, match=told):
        getattr(endpoints, endpoint)(*arguments)


def test_a_bug_is_left_to_gradio_which_shows_no_details(endpoints):
    with pytest.raises(ZeroDivisionError):
        endpoints.ask("bug?")


SERVER = """
import sys, gradio
from rag.web.api import add_api
from test_web_api import service
with gradio.Blocks(analytics_enabled=False) as page:
    add_api(gradio, service())
page.launch(prevent_thread_lock=True, quiet=True, server_name="127.0.0.1", ssr_mode=False, show_error=False)
print(page.local_url, flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def address():
    """Gradio with these endpoints, in a process of its own: it leaves threads behind."""
    here = Path(__file__).parent
    environment = os.environ | {"PYTHONPATH": os.pathsep.join((str(here.parent), str(here)))}
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    yield process.stdout.readline().strip() + "gradio_api/call"
    process.communicate("", timeout=30)


@pytest.mark.slow
def test_a_program_asks_over_plain_http(address):
    answer = json.loads(json.dumps(ANSWER.to_dict()))
    assert _call(address, "ask", question=ANSWER.question) == ("complete", [answer])
    event, (listed,) = _call(address, "articles")
    assert (event, len(listed["articles"])) == ("complete", 3)


@pytest.mark.slow
def test_over_http_an_error_is_told_and_a_bug_is_not(address):
    event, error = _call(address, "ask", question="")
    assert event == "error"
    assert "The question is empty" in json.dumps(error)
    event, error = _call(address, "ask", question="bug?")
    assert event == "error"
    assert "division" not in json.dumps(error)


def _call(address, name, **arguments):
    body = json.dumps(arguments).encode()
    request = urllib.request.Request(f"{address}/v2/{name}", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as reply:
        event_id = json.load(reply)["event_id"]
    with urllib.request.urlopen(f"{address}/{name}/{event_id}", timeout=60) as reply:
        lines = reply.read().decode().split("\n")
    kinds = [line.removeprefix("event: ") for line in lines if line.startswith("event: ")]
    values = [line.removeprefix("data: ") for line in lines if line.startswith("data: ")]
    return kinds[-1], json.loads(values[-1])
