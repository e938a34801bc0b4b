"""Users, passwords, and who may reach the page."""

import asyncio
import stat

import pytest

from rag.errors import SettingsError
from rag.web import auth


@pytest.fixture(scope="module")
def hashed():
    return auth.hash_password("mật khẩu dài")


def test_the_right_password_alone_opens(hashed):
    users = auth.Users({"an": hashed})
    assert users.check("an", "mật khẩu dài")
    assert not users.check("an", "mật khẩu dai")
    assert not users.check("An", "mật khẩu dài")
    assert not users.check("an", "")
    assert asyncio.run(users.login()("an", "mật khẩu dài"))


def test_an_unknown_name_is_hashed_for_as_well(monkeypatch):
    hashed = []
    monkeypatch.setattr(auth, "_scrypt", lambda *given: hashed.append(given) or bytes(32))
    # The hash of nobody is 32 zero bytes too: equal hashes alone must not open.
    assert not auth.Users({}).check("nobody", "whatever")
    assert [given[2:] for given in hashed] == [auth._COST]


def test_a_password_is_never_hashed_to_the_same_twice(hashed):
    assert auth.hash_password("mật khẩu dài") != hashed


@pytest.mark.parametrize("password", ["", "1234567", "x" * 1001])
def test_a_password_of_no_use_is_refused(password):
    with pytest.raises(SettingsError, match=str(len(password))):
        auth.hash_password(password)


def test_a_user_is_added_and_changed(tmp_path):
    file = tmp_path / "folder" / "users.txt"
    assert auth.add_user(file, "an", "first password") is False
    assert auth.add_user(file, "bình", "second password") is False
    assert auth.add_user(file, "an", "third password") is True
    users = auth.read_users(file, {})
    assert list(users.hashes) == ["an", "bình"]
    assert users.check("an", "third password")
    assert not users.check("an", "first password")
    assert users.check("bình", "second password")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [each.name for each in file.parent.iterdir()] == ["users.txt"]


@pytest.mark.parametrize("name", ["", "a b", "a:b", "#a", "a\nb", "x" * 65])
def test_a_name_of_no_use_is_refused(name, tmp_path):
    with pytest.raises(SettingsError):
        auth.add_user(tmp_path / "users.txt", name, "long enough")
    assert not list(tmp_path.iterdir())


def test_users_come_from_the_environment_and_the_file_wins(tmp_path, hashed):
    file = tmp_path / "users.txt"
    other = auth.hash_password("another one")
    file.write_text(f"# who may\n\nan:{other}\n", "utf-8")
    users = auth.read_users(file, {auth.VARIABLE: f"an:{hashed}\n chi:{hashed} "})
    assert users.hashes == {"an": other, "chi": hashed}
    assert auth.read_users(None, {auth.VARIABLE: f"chi:{hashed}"}).hashes == {"chi": hashed}
    assert auth.read_users(None, {auth.VARIABLE: " "}) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nobody\n",
        "an:secret-in-clear\n",
        "an:scrypt.99999999.8.5.00.00\n",
        f"an:scrypt.9999999.8.5.{'0' * 32}.{'0' * 64}\n",
        f"an:scrypt.16384.99.99.{'0' * 32}.{'0' * 64}\n",
    ],
)
def test_a_file_of_no_use_is_told_without_its_text(text, tmp_path):
    file = tmp_path / "users.txt"
    file.write_text(text, "utf-8")
    with pytest.raises(SettingsError) as caught:
        auth.read_users(file, {})
    assert "--add-user" in caught.value.hint
    assert "secret" not in str(caught.value)


def test_a_missing_file_is_no_open_door(tmp_path):
    with pytest.raises(SettingsError):
        auth.read_users(tmp_path / "none.txt", {})


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.0.1", "::1", "[::1]", "localhost"])
def test_this_computer_needs_no_password(host):
    auth.check_address(host, None)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "", "example.org", "localhost.example.org"])
def test_beyond_this_computer_a_password_is_needed(host, hashed):
    with pytest.raises(SettingsError) as caught:
        auth.check_address(host, None)
    assert "--add-user" in caught.value.hint
    auth.check_address(host, auth.Users({"an": hashed}))
