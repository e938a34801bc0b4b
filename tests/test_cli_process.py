"""The command as a process: streams, signals, pipes and terminals."""

import json
import os
import pty
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from fake_assistant import QUOTE

import rag.cli

FAKE = [sys.executable, str(Path(__file__).parent / "fake_assistant.py")]


@pytest.fixture(autouse=True)
def own_folders(tmp_path, monkeypatch):
    """No test touches the user's cache, or is swayed by the user's settings."""
    for name in [name for name in os.environ if name.startswith("RAG_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("RAG_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("RAG_INDEX", str(tmp_path / "index"))
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))
    monkeypatch.chdir(tmp_path)


def test_python_dash_m_rag_is_the_command():
    done = subprocess.run([sys.executable, "-m", "rag", "--version"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, f"rag {rag.__version__}\n")


def test_output_is_utf_8_whatever_the_locale():
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "LC_ALL": "C", "PYTHONUTF8": "0"}
    done = subprocess.run(
        [*FAKE, "ask", "-"], input="Ai chủ trì?".encode(), capture_output=True, env=environment
    )
    assert done.returncode == 0, done.stderr
    assert QUOTE in done.stdout.decode()


def test_a_question_of_broken_bytes_is_still_one_json_object():
    done = subprocess.run([*FAKE, "ask", b"a\xff?", "--json"], capture_output=True)
    assert json.loads(done.stdout)["question"] == "a\ufffd?"


def test_a_reader_that_goes_away_is_no_error():
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([*FAKE, "list"], stdout=writing, stderr=subprocess.PIPE)
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


def test_ctrl_c_in_a_process():
    process = subprocess.Popen(
        [*FAKE, "ask", "wait?"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with process:
        assert process.stderr.readline() == "waiting\n"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=10)
    assert (process.returncode, out, err) == (130, "", "Stopped.\n")


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_on_a_terminal_the_answer_streams_and_ends_checked():
    shown = _on_a_terminal([*FAKE, "ask", "Ai chủ trì?"])
    assert "nói bừa." in shown, "the model's words are shown while it writes"
    settled = shown[shown.rindex("nói bừa.") :]
    assert "\x1b[2K" in settled, "and are wiped away"
    assert "Võ Trọng Hải" in settled
    assert "Nguồn" in settled


def _on_a_terminal(command: list[str]) -> str:
    """Everything a command writes to a terminal of its own."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        command,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=os.environ | {"TERM": "xterm", "COLUMNS": "100"},
    )
    os.close(theirs)
    output = b""
    while select.select([ours], [], [], 20)[0]:
        try:
            block = os.read(ours, 4096)
        except OSError:  # Linux says so when the other end is closed
            break
        if not block:
            break
        output += block
    os.close(ours)
    assert process.wait(timeout=10) == 0, output
    return output.decode()
