"""A loopback server that speaks OpenAI's protocol, well or badly, down to single bytes."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

EVENTS = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
DONE = b"data: [DONE]\n\n"


class ModelServer:
    """Answers every request as it is told to, and knows when a client has gone away."""

    def __init__(self, behave: Callable[[Connection], None]) -> None:
        self.requests: list[dict[str, Any]] = []
        self.open = 0
        self._behave = behave
        self._changed = threading.Condition()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/v1"
        self.stopping = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def everyone_gone(self, seconds: float = 10) -> bool:
        """Whether every client has closed its connection."""
        with self._changed:
            return self._changed.wait_for(lambda: self.open == 0, seconds)

    def someone_there(self, seconds: float = 10) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: self.open > 0, seconds)

    def close(self) -> None:
        self.stopping.set()
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _count(self, by: int) -> None:
        with self._changed:
            self.open += by
            self._changed.notify_all()

    def _serve(self, client: socket.socket) -> None:
        self._count(+1)
        connection = Connection(client, self)
        with client, suppress(OSError):
            connection.read_request()
            self._behave(connection)
            if not connection.ended:
                connection.hang()
        self._count(-1)


class Connection:
    """One connection, seen from the server."""

    def __init__(self, client: socket.socket, server: ModelServer) -> None:
        self.client = client
        self.server = server
        self.ended = False

    def read_request(self) -> None:
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._receive()
        head, _, body = data.partition(b"\r\n\r\n")
        (length,) = (
            int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
        )
        while len(body) < length:
            body += self._receive()
        self.server.requests.append(json.loads(body))

    def _receive(self) -> bytes:
        data = self.client.recv(65536)
        if not data:
            raise ConnectionError
        return data

    def send(self, *data: bytes) -> None:
        for each in data:
            self.client.sendall(each)

    def say(self, *texts: str, ending: str | None = None) -> None:
        """Pieces of an answer, as events."""
        for text in texts:
            self.send(event({"content": text}))
        if ending:
            self.send(event({}, ending))

    def hang(self) -> None:
        """Send nothing more, until the client goes away."""
        self.client.settimeout(0.05)
        while not self.server.stopping.is_set():
            with suppress(TimeoutError):
                self._receive()

    def end(self) -> None:
        """Close the connection in good order."""
        self.ended = True

    def reset(self) -> None:
        """Close the connection as a crashed process does."""
        time.sleep(0.1)  # what was sent before shall arrive before
        self.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.ended = True


def event(delta: dict[str, Any], ending: str | None = None, **more: Any) -> bytes:
    """One event of a streamed answer."""
    choice = {"index": 0, "delta": delta, "finish_reason": ending}
    data = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "mine", "choices": [choice]}
    return b"data: " + json.dumps(data | more).encode() + b"\n\n"


def plain(status: str, body: str, kind: str = "application/json") -> bytes:
    """A whole response."""
    data = body.encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(data)}\r\n"
    return f"{head}Connection: close\r\n\r\n".encode() + data


@contextmanager
def serving(behave: Callable[[Connection], None]) -> Iterator[ModelServer]:
    server = ModelServer(behave)
    try:
        yield server
    finally:
        server.close()
