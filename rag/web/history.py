"""Conversations on disk: one JSON file each, in a folder of their owner's.

Who owns one is a user name, or the secret that a browser made up for itself. Only a hash of either names
the folder, so a listing of the disk gives no secret away, and nobody finds a conversation without one.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock, Timeout

from rag.cache import store_errors
from rag.errors import StoreError
from rag.types import Turn

State = Literal["writing", "done", "stopped", "failed"]
KEPT = 200
"""Conversations of one owner; the oldest go."""
MOST_EXCHANGES = 200
"""Of one conversation; the oldest go."""
LONGEST_TITLE = 80
_PATIENCE = 10
"""Seconds to wait for another writer."""
_ID = re.compile(r"[A-Za-z0-9_-]{8,32}")


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question and what became of it."""

    id: str
    question: str
    state: State = "writing"
    answer: Mapping[str, Any] | None = None
    """The JSON contract of `rag ask --json`; None while there is no checked answer."""
    draft: str = ""
    """What was written until it was stopped; not checked."""
    error: str = ""
    filters: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Conversation:
    """Exchanges in order. `updated` is ISO 8601 in UTC."""

    id: str
    exchanges: tuple[Exchange, ...] = ()
    updated: str = ""

    @property
    def title(self) -> str:
        """The first question, shortened."""
        title = " ".join(self.exchanges[0].question.split()) if self.exchanges else ""
        return title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 1] + "…"

    def exchange(self, exchange_id: str) -> Exchange | None:
        """One exchange by its id."""
        return next((each for each in self.exchanges if each.id == exchange_id), None)

    def before(self, exchange_id: str) -> Conversation:
        """The conversation up to an exchange, which is left out; all of it when there is no such exchange."""
        ids = [each.id for each in self.exchanges]
        cut = ids.index(exchange_id) if exchange_id in ids else len(ids)
        return replace(self, exchanges=self.exchanges[:cut])

    def without(self, taken_back: Collection[str]) -> Conversation:
        """The conversation without some of its exchanges, named by their ids."""
        return replace(self, exchanges=tuple(each for each in self.exchanges if each.id not in taken_back))

    def turns(self) -> list[Turn]:
        """What a follow-up question may refer to."""
        return [
            Turn(
                each.question,
                each.answer["answer"],
                each.answer.get("short_answer", ""),
                each.answer.get("standalone_question", ""),
            )
            for each in self.exchanges
            if each.answer
        ]


def new_id() -> str:
    """An id nobody can guess."""
    return secrets.token_urlsafe(9)


class History:
    """The conversations kept in one folder.

    Several tabs, threads and processes may write: each change is made to what is on disk at that moment,
    under the owner's lock, and is one rename.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def conversations(self, owner: str) -> list[Conversation]:
        """All conversations of an owner, the latest first."""
        found = [self._read(path) for path in self._files(owner)]
        return sorted((c for c in found if c and c.exchanges), key=lambda c: c.updated, reverse=True)

    def load(self, owner: str, conversation_id: str) -> Conversation | None:
        """One conversation, if it is this owner's."""
        path = self._path(owner, conversation_id)
        return self._read(path) if path else None

    def add(
        self, owner: str, conversation_id: str, exchange: Exchange, instead_of: Collection[str] = ()
    ) -> Conversation:
        """Append an exchange, in place of those that are taken back. Returns the conversation as it is now.

        One that does not exist, or is not this owner's, is begun anew under an id of its own.

        Raises:
            StoreError: it cannot be written.
        """
        with self._locked(owner):
            conversation = self.load(owner, conversation_id) or Conversation(new_id())
            exchanges = (*conversation.without(instead_of).exchanges, exchange)[-MOST_EXCHANGES:]
            return self._write(owner, replace(conversation, exchanges=exchanges))

    def put(self, owner: str, conversation_id: str, exchange: Exchange) -> None:
        """Write what became of an exchange. One that was taken back or deleted meanwhile stays away.

        Raises:
            StoreError: it cannot be written.
        """
        with self._locked(owner):
            conversation = self.load(owner, conversation_id)
            if conversation is None or conversation.exchange(exchange.id) is None:
                return
            exchanges = tuple(exchange if each.id == exchange.id else each for each in conversation.exchanges)
            self._write(owner, replace(conversation, exchanges=exchanges))

    def delete(self, owner: str, conversation_id: str) -> None:
        """Remove a conversation; it need not exist."""
        path = self._path(owner, conversation_id)
        if path and path.exists():
            with self._locked(owner):
                path.unlink(missing_ok=True)

    @contextmanager
    def _locked(self, owner: str) -> Iterator[None]:
        """The owner's folder, for one writer at a time."""
        folder = self._owned(owner)
        with store_errors(self._folder, "keep the conversation"):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            try:
                with FileLock(folder / ".lock", timeout=_PATIENCE, mode=0o600):
                    yield
            except Timeout:
                raise StoreError(
                    "Another process holds the conversations.", "Try again when it has finished."
                ) from None

    def _write(self, owner: str, conversation: Conversation) -> Conversation:
        """Readable by this account only."""
        conversation = replace(conversation, updated=datetime.now(UTC).isoformat())
        path = self._owned(owner) / f"{conversation.id}.json"
        draft = path.with_name(f".{conversation.id}.{secrets.token_hex(4)}")
        draft.touch(mode=0o600, exist_ok=False)
        draft.write_text(json.dumps(asdict(conversation), ensure_ascii=False), "utf-8")
        draft.replace(path)
        self._forget_oldest(owner)
        return conversation

    def _path(self, owner: str, conversation_id: str) -> Path | None:
        if not _ID.fullmatch(conversation_id):
            return None
        return self._owned(owner) / f"{conversation_id}.json"

    def _owned(self, owner: str) -> Path:
        return self._folder / hashlib.sha256(owner.encode()).hexdigest()

    def _files(self, owner: str) -> Iterator[Path]:
        return self._owned(owner).glob("[!.]*.json")

    def _read(self, path: Path) -> Conversation | None:
        """None for a file that is gone or damaged: it must not take the others along."""
        try:
            data = json.loads(path.read_text("utf-8"))
            exchanges = tuple(Exchange(**each) for each in data["exchanges"])
            return Conversation(str(data["id"]), exchanges, str(data["updated"]))
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def _forget_oldest(self, owner: str) -> None:
        files = list(self._files(owner))
        if len(files) <= KEPT:
            return
        for path in sorted(files, key=lambda path: path.stat().st_mtime)[:-KEPT]:
            with suppress(OSError):
                path.unlink()
