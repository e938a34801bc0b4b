"""Defaults < rag.toml < RAG_* < flags; what cannot be used is refused with its name."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from rag.errors import SettingsError
from rag.settings import Settings, load_settings


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RAG_CACHE", raising=False)


def write(toml: str) -> None:
    Path("rag.toml").write_text(toml, encoding="utf-8")


def test_later_sources_win(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().passages == 5
    write("passages = 6")
    assert load_settings().passages == 6
    monkeypatch.setenv("RAG_PASSAGES", "7")
    assert load_settings().passages == 7
    assert load_settings(passages=8).passages == 8


def test_sources_are_merged_key_by_key(monkeypatch: pytest.MonkeyPatch) -> None:
    write('llm = "extractive"\npassages = 6')
    monkeypatch.setenv("RAG_PASSAGES", "7")
    settings = load_settings(deadline=5)
    assert (settings.llm, settings.passages, settings.deadline) == ("extractive", 7, 5.0)


def test_a_flag_that_was_not_given_changes_nothing() -> None:
    write("passages = 6")
    assert load_settings(passages=None).passages == 6


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_INDEX", "")
    monkeypatch.setenv("RAG_PASSAGES", "")
    settings = load_settings()
    assert settings.index is None
    assert settings.passages == 5


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("passages", "many"),
        ("passages", "0"),
        ("chunk_tokens", "4"),
        ("temperature", "-1"),
        ("deadline", "0"),
        ("unsupported", "hide"),
        ("embedding_backend", "cuda"),
    ],
)
def test_a_bad_value_is_refused_with_its_name_and_where_to_mend_it(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"RAG_{name.upper()}", value)
    with pytest.raises(SettingsError, match=name) as caught:
        load_settings()
    assert f"RAG_{name.upper()}" in caught.value.hint
    assert "\n" not in str(caught.value)


def test_a_misspelt_key_in_the_file_is_refused_and_the_right_ones_are_named() -> None:
    write("passage = 3")
    with pytest.raises(SettingsError, match="no setting 'passage'") as caught:
        load_settings()
    assert "passages" in caught.value.hint


@pytest.mark.parametrize("content", [b"passages = ", b"passages: 3", b"llm = '\xff\xfe'"])
def test_a_damaged_file_is_named(content: bytes) -> None:
    Path("rag.toml").write_bytes(content)
    with pytest.raises(SettingsError, match=r"rag\.toml"):
        load_settings()


def test_a_tilde_in_the_file_means_the_home_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    write('corpus = "~/articles"\nindex = "~/index"\ncache = "~/cache"\nprompts = "~/prompts"')
    settings = load_settings()
    assert settings.corpus == tmp_path / "articles"
    assert settings.index_dir == tmp_path / "index"
    assert settings.cache == tmp_path / "cache"
    assert settings.prompts == tmp_path / "prompts"


def test_each_corpus_has_an_index_of_its_own_wherever_it_is_called_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a" / "news").mkdir(parents=True)
    (tmp_path / "b" / "news").mkdir(parents=True)
    first = load_settings(corpus=tmp_path / "a" / "news").index_dir
    second = load_settings(corpus=tmp_path / "b" / "news").index_dir
    assert first != second
    assert first.name.startswith("news-")
    monkeypatch.chdir(tmp_path / "a")
    assert load_settings(corpus="news").index_dir == first


def test_an_index_folder_of_ones_own_is_taken_as_it_is(tmp_path: Path) -> None:
    assert load_settings(index=tmp_path / "x").index_dir == tmp_path / "x"


def test_settings_do_not_change_once_read() -> None:
    settings = load_settings()
    with pytest.raises(ValidationError, match="frozen"):
        settings.passages = 9  # type: ignore[misc]


def test_every_setting_is_described() -> None:
    assert all(field.description for field in Settings.model_fields.values())
