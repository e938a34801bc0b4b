"""Who may use the page: names with hashed passwords, from a file or an environment variable.

One user is `name:scrypt.N.R.P.SALT.HASH` (RFC 7914; N is the cost, salt and hash are hexadecimal). A file has
one a line; in the variable `RAG_USERS` they are parted by white space. `rag web --auth FILE --add-user NAME`
writes the file.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import ipaddress
import os
import re
import secrets
import tempfile
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.errors import SettingsError

VARIABLE = "RAG_USERS"
SHORTEST_PASSWORD = 8
"""Characters."""
_LONGEST_PASSWORD = 1000
_COST = (2**14, 8, 5)
"""N, r and p: 16 MB, as OWASP advises (Password Storage Cheat Sheet)."""
_USER = re.compile(r"([^\s:]{1,64}):scrypt\.(\d{1,7})\.(\d{1,2})\.(\d{1,2})\.([0-9a-f]{32})\.([0-9a-f]{64})")
_NOBODY = f"scrypt.{'.'.join(map(str, _COST))}.{'0' * 32}.{'0' * 64}"
_CHECKING = threading.Lock()
_HINT = "Make a user first: rag web --auth users.txt --add-user NAME."


@dataclass(frozen=True, slots=True)
class Users:
    """Names and the hashes of their passwords."""

    hashes: Mapping[str, str]

    def check(self, name: str, password: str) -> bool:
        """Whether the password is that of the user. Takes as long for a name that is not known.

        One password is hashed at a time, so that guessers can use up neither memory nor both cores.
        """
        stored = self.hashes.get(name)
        _, n, r, p, salt, digest = (stored or _NOBODY).split(".")
        with _CHECKING:
            given = _scrypt(password[:_LONGEST_PASSWORD], bytes.fromhex(salt), int(n), int(r), int(p))
        return hmac.compare_digest(given.hex(), digest) and stored is not None

    def login(self) -> Callable[[str, str], Any]:
        """What Gradio awaits at a log-in; hashing does not hold up the server."""

        async def allowed(name: str, password: str) -> bool:
            return await asyncio.to_thread(self.check, name, password)

        return allowed


def hash_password(password: str) -> str:
    """`scrypt.N.R.P.SALT.HASH` with a new salt. Raises SettingsError for a password too short or long."""
    if not SHORTEST_PASSWORD <= len(password) <= _LONGEST_PASSWORD:
        raise SettingsError(
            f"The password has {len(password)} characters.",
            f"Choose {SHORTEST_PASSWORD} to {_LONGEST_PASSWORD} characters.",
        )
    salt = secrets.token_bytes(16)
    return ".".join(["scrypt", *map(str, _COST), salt.hex(), _scrypt(password, salt, *_COST).hex()])


def _scrypt(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    data = password.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(data, salt=salt, n=n, r=r, p=p, maxmem=256 << 20, dklen=32)


def read_users(file: Path | None, environment: Mapping[str, str] = os.environ) -> Users | None:
    """The users of the variable and of the file, which wins; None when neither is given.

    Raises:
        SettingsError: the file cannot be read, holds no user, or a line is none.
    """
    listed = environment.get(VARIABLE, "").split()
    if not file and not listed:
        return None
    users = _parse(listed, VARIABLE)
    if file:
        users |= _parse(_lines(file), str(file))
    if not users:
        raise SettingsError(f"There is no user in {file}.", _HINT)
    return Users(users)


def _lines(file: Path) -> list[str]:
    try:
        lines = (line.strip() for line in file.read_text("utf-8").splitlines())
        return [line for line in lines if line and not line.startswith("#")]
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"The file of users {file} cannot be read: {error}.", _HINT) from None


def _parse(lines: Iterable[str], where: str) -> dict[str, str]:
    users = {}
    for number, line in enumerate(lines, start=1):
        match = _USER.fullmatch(line)
        if not match or not 2 <= int(match[2]) <= 2**17 or not 1 <= int(match[3]) * int(match[4]) <= 64:
            # The line itself is not shown: it may hold a password.
            raise SettingsError(f"User {number} of {where} is not written as name:scrypt.….", _HINT)
        users[match[1]] = line.partition(":")[2]
    return users


def add_user(file: Path, name: str, password: str) -> bool:
    """Write a user into the file, which only its owner may read. Returns whether the name was there before.

    Raises:
        SettingsError: the name or the password cannot be used, or the file cannot be read or written.
    """
    if not re.fullmatch(r"[^\s:#][^\s:]{0,63}", name):
        raise SettingsError(
            f"'{name}' cannot be a user's name.", "Choose 1 to 64 characters without spaces and colons."
        )
    users = _parse(_lines(file), str(file)) if file.exists() else {}
    known = name in users
    users[name] = hash_password(password)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=file.parent, delete=False) as new:
            new.writelines(f"{each}:{hashed}\n" for each, hashed in users.items())
        Path(new.name).replace(file)
    except OSError as error:
        raise SettingsError(
            f"The file of users {file} cannot be written: {error.strerror}.", "Name another with --auth."
        ) from None
    return known


def is_loopback(host: str) -> bool:
    """Whether an address is reached from this computer alone."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def check_address(host: str, users: Users | None) -> None:
    """Raise SettingsError when others could reach the page without a password."""
    if users is None and not is_loopback(host):
        raise SettingsError(
            f"The page is not served on {host} without passwords: others could read and change the articles.",
            f"{_HINT} Then: rag web --host {host} --auth users.txt.",
        )
