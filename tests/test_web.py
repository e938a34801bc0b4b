"""The page, as a process of its own and over HTTP: what it serves, to whom, and what it refuses."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from fake_assistant import ANSWER, QUOTE, FakeAssistant
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from rag.web.security import guard

SECRET = "a-secret-of-one-browser-alone"
OTHER = "a-secret-of-another-browser-x"


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """`rag web` in a process of its own, as a user starts it: its address, and what it said at the end."""
    folder = tmp_path_factory.mktemp("web")
    process = subprocess.Popen(
        [*_command(_free_port()), "--index", str(folder / "index"), "--llm", "extractive"],
        cwd=folder,
        env=_environment() | {"RAG_CACHE": str(folder)},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        line = process.stderr.readline()
        yield line.split()[2].rstrip("/"), line
        process.send_signal(signal.SIGINT)
        _, rest = process.communicate(timeout=60)
        assert (process.returncode, rest) == (130, "Stopped.\n")
    finally:
        process.kill()
        process.wait()


@pytest.mark.slow
def test_the_page_is_served_to_this_computer_only(served):
    address, line = served
    assert address.startswith("http://127.0.0.1:")
    assert "Ctrl-C" in line


@pytest.mark.slow
def test_the_page_loads_nothing_from_elsewhere(served):
    body, headers = _get(served[0] + "/")
    loaded = re.findall(r"""(?:src|href)=["']((?:https?:)?//[^"']+)""", body)
    assert [url for url in loaded if not url.startswith(served[0])] == []
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-eval" not in policy
    assert "unsafe-inline" not in policy.split("script-src")[1].split(";")[0]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.slow
def test_our_page_holds_no_script_and_no_style_of_its_own(served):
    body, headers = _get(served[0] + "/")
    assert "unsafe-inline" not in headers["content-security-policy"]
    inline = re.findall(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>", body)
    assert (inline, re.findall(r"<style|\sstyle=|\son\w+=", body)) == ([], [])


@pytest.fixture
def guarded():
    """A server with one user, an, behind the guard; every path of it answers."""

    async def anything(request):
        return PlainTextResponse("served")

    app = Starlette(
        routes=[Route("/{path:path}", anything, methods=["GET", "POST"])],
        middleware=[guard(FakeAssistant(), (), loopback=True)],
    )
    app.auth, app.tokens, app.cookie_id = {"an": "x"}, {"token-of-an": "an"}, "id"
    with TestClient(app, base_url="http://127.0.0.1") as browser:
        yield browser


LOGGED_IN = {"Cookie": "access-token-unsecure-id=token-of-an"}


def test_whoever_is_not_logged_in_gets_the_page_for_that(guarded):
    assert 'id="login"' in guarded.get("/").text
    assert 'id="question"' not in guarded.get("/").text
    ours = guarded.get("/", headers=LOGGED_IN).text
    assert 'id="question"' in ours
    assert "an" in re.search(r'class="rag-user"><span>(.*?)<', ours)[1]


@pytest.mark.parametrize(
    "path",
    [
        "rag/assets/page.js",
        "rag/ask",
        "rag/conversations",
        "config",
        "gradio_api/info",
        "openapi.json",
        "%2e/x",
    ],
)
def test_nothing_is_served_without_logging_in(guarded, path):
    for call in (guarded.get, guarded.post):
        assert call(f"/{path}").status_code == 401
        assert call(f"/{path}", headers=LOGGED_IN).text == "served"
        assert call(f"/{path}", headers={"Cookie": "access-token-unsecure-id=x"}).status_code == 401


@pytest.mark.parametrize("path", ["login", "rag/assets/page.css", "rag/assets/login.js"])
def test_what_logging_in_needs_is_served(guarded, path):
    reply = guarded.get(f"/{path}")
    assert (reply.status_code, reply.text) == (200, "served")
    assert "unsafe" not in reply.headers["content-security-policy"]


def test_another_site_cannot_log_a_reader_out(guarded):
    assert guarded.get("/logout", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert guarded.get("/logout", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 200


@pytest.mark.slow
@pytest.mark.parametrize(
    ("chosen", "accepted", "expected"),
    [("", "vi-VN,vi;q=0.9,en;q=0.8", "vi"), ("", "fr,en;q=0.5", "en"), ("en", "vi", "en"), ("x", "", "en")],
)
def test_the_page_speaks_the_chosen_language_else_that_of_the_browser(served, chosen, accepted, expected):
    body, _ = _get(
        served[0] + "/", {"Accept-Language": accepted, "Cookie": f"rag_language={chosen}; rag_theme=dark"}
    )
    assert f'<html lang="{expected}" data-theme="dark">' in body


@pytest.mark.slow
def test_a_question_is_answered_line_by_line_passages_first(served):
    events = _ask(served[0], ANSWER.question)
    kinds = [event["type"] for event in events]
    assert kinds[0] == "started"
    assert kinds.index("found") < kinds.index("delta") < kinds.index("finished")
    assert QUOTE in events[kinds.index("found")]["sources"]
    assert 'data-status="answered"' in events[-1]["html"]


@pytest.mark.slow
def test_nobody_sees_the_conversation_of_another(served):
    conversation = _ask(served[0], "Ai chủ trì?")[0]["conversation"]
    path = f"{served[0]}/rag/conversations"
    assert "Ai chủ trì?" in _get(f"{path}/{conversation}", {"X-Rag-Browser": SECRET})[0]
    assert json.loads(_get(f"{path}/{conversation}", {"X-Rag-Browser": OTHER})[0])["found"] is False
    assert conversation not in _get(path, {"X-Rag-Browser": OTHER})[0]
    taken = _ask(served[0], "Và ở đâu?", OTHER, conversation=conversation)
    assert taken[0]["conversation"] != conversation
    assert "Và ở đâu?" not in _get(f"{path}/{conversation}", {"X-Rag-Browser": SECRET})[0]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"X-Rag-Browser": "short"}, 401),
        ({"X-Rag-Browser": SECRET, "Sec-Fetch-Site": "cross-site"}, 403),
        ({"X-Rag-Browser": SECRET, "Sec-Fetch-Site": "same-site"}, 403),
        ({"X-Rag-Browser": SECRET, "Host": "rebound.example"}, 421),
    ],
)
def test_strangers_are_refused(served, headers, status):
    assert _refusal(lambda: _get(f"{served[0]}/rag/conversations", headers)) == status


@pytest.mark.slow
@pytest.mark.parametrize(("body", "status"), [(b"[]", 400), (b"{", 400), (b'"' + b"a" * 200_000, 413)])
def test_bodies_that_cannot_be_used_are_refused(served, body, status):
    assert _refusal(lambda: _post(f"{served[0]}/rag/ask", body)) == status


@pytest.mark.slow
@pytest.mark.parametrize("path", ["page.py", "../page.py", "..%2f..%2fcli.py", "page.css/x"])
def test_only_our_own_assets_are_served(served, path):
    assert _refusal(lambda: _get(f"{served[0]}/rag/assets/{path}")) == 404


@pytest.mark.slow
def test_the_endpoint_for_programs_returns_the_contract(served):
    api = served[0] + "/gradio_api"
    assert "/ask" in json.loads(_get(f"{api}/info")[0])["named_endpoints"]
    event = json.loads(
        _post(f"{api}/call/ask", json.dumps({"data": [ANSWER.question, "", "", [], [], []]}).encode())
    )["event_id"]
    lines = _get(f"{api}/call/ask/{event}")[0].splitlines()
    last = json.loads([line for line in lines if line.startswith("data: ")][-1].removeprefix("data: "))
    assert last[0]["citations"][0]["quote"] == QUOTE


@pytest.mark.slow
def test_a_taken_port_is_one_clear_error(served):
    port = served[0].rsplit(":", 1)[1]
    done = subprocess.run(_command(port), env=_environment(), capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == (
        f"Error: The page cannot be served on port {port}.\nHint: Choose another: rag web --port 0.\n"
    )


@pytest.mark.slow
def test_other_computers_are_let_in_with_passwords_only():
    done = subprocess.run(
        [*_command(_free_port()), "--host", "0.0.0.0"], env=_environment(), capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stderr.startswith("Error: The page is not served on 0.0.0.0 without passwords")


def _refusal(call):
    with pytest.raises(urllib.error.HTTPError) as refused:
        call()
    refused.value.close()
    return refused.value.code


def _command(port):
    return [
        sys.executable,
        str(Path(__file__).parent / "fake_assistant.py"),
        "web",
        "--port",
        str(port),
    ]


def _environment():
    return os.environ | {"PYTHONPATH": str(Path(__file__).parents[1]), "RAG_USERS": ""}


def _ask(address, question, secret=SECRET, **more):
    body = json.dumps({"question": question, **more}).encode()
    return [json.loads(line) for line in _post(f"{address}/rag/ask", body, secret).splitlines()]


def _post(url, body, secret=SECRET):
    headers = {"Content-Type": "application/json", "X-Rag-Browser": secret}
    with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=60) as reply:
        return reply.read().decode()


def _get(url, headers=None):
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers or {}), timeout=60) as reply:
        return reply.read().decode(), reply.headers


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
