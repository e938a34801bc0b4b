"""One settings object. Later wins: defaults < `rag.toml` < `RAG_*` variables < flags."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Literal

import platformdirs
from pydantic import Field, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from rag.errors import SettingsError

OFFLINE_EMBEDDER = "offline"
OFFLINE_LLM = "local"
EXTRACTIVE = "extractive"


class Settings(BaseSettings):
    """Everything a user can set. Unknown keys are refused."""

    model_config = SettingsConfigDict(
        env_prefix="RAG_", env_ignore_empty=True, toml_file="rag.toml", extra="forbid", frozen=True
    )

    corpus: Path = Field(Path("corpus"), description="Folder of articles.")
    index: Path | None = Field(
        None, description="Index folder; by default one per corpus in the user's data folder."
    )
    cache: Path = Field(
        Path(platformdirs.user_cache_dir("rag")), description="Where prepared models are kept."
    )
    embedding_model: str = Field(
        OFFLINE_EMBEDDER, description="`offline`, or any Sentence Transformers model name or path."
    )
    embedding_backend: Literal["openvino", "torch"] = Field(
        "openvino", description="Runtime of the offline embedder."
    )
    reader: bool = Field(
        True, description="Let the span reader read the passages too (with the offline embedder only)."
    )
    query_prefix: str = Field("", description="Put before questions, for embedding models that want one.")
    passage_prefix: str = Field("", description="Put before passages, for embedding models that want one.")
    chunk_tokens: int = Field(256, ge=32, le=8192, description="Longest chunk, in tokens of the embedder.")
    passages: int = Field(5, ge=1, le=50, description="How many passages are retrieved for a question.")
    reranker: str | None = Field(
        None, description="Any Sentence Transformers CrossEncoder, name or path, to order the best passages."
    )
    llm: str = Field(
        OFFLINE_LLM, description="`local`, `extractive`, or `provider:model` as LangChain names it."
    )
    base_url: str | None = Field(None, description="Address of an OpenAI-compatible server.")
    temperature: float = Field(0.0, ge=0, le=2, description="Sampling temperature of the language model.")
    max_answer_tokens: int = Field(256, ge=16, le=8192, description="Longest answer, in tokens.")
    deadline: float = Field(60.0, gt=0, description="Seconds after which an unfinished answer is given up.")
    refuse_below: float | None = Field(
        None,
        ge=0,
        le=1,
        description="Confidence below which a question is refused; by default what `rag eval --calibrate` "
        "fitted, or what was fitted for everybody. 0: no question is refused for lack of confidence.",
    )
    unsupported: Literal["strike", "drop"] = Field(
        "drop", description="What happens to claims no source supports."
    )
    history_turns: int = Field(
        4, ge=0, le=50, description="Earlier turns the model reads for a follow-up; 0: none."
    )
    prompts: Path | None = Field(
        None, description="Folder of prompt files used in place of the built-in ones."
    )

    @field_validator("corpus", "index", "cache", "prompts")
    @classmethod
    def _expand_home(cls, path: Path | None) -> Path | None:
        """`~` means the home folder in `rag.toml` too, where no shell replaces it."""
        return path.expanduser() if path else path

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flags over environment over `rag.toml`."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    @property
    def index_dir(self) -> Path:
        """Where the index lives: `index`, or a folder of this corpus's own in the user's data folder."""
        if self.index is not None:
            return self.index
        corpus = self.corpus.resolve()
        key = hashlib.sha256(str(corpus).encode()).hexdigest()[:12]
        return Path(platformdirs.user_data_dir("rag")) / "indexes" / f"{corpus.name}-{key}"


def load_settings(**flags: Any) -> Settings:
    """Read all sources. Flags that are None count as not given.

    Raises:
        SettingsError: a value cannot be used, or a key is unknown.
    """
    try:
        return Settings(**{name: value for name, value in flags.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            raise SettingsError(
                f"There is no setting '{name}'.", f"Settings are {', '.join(Settings.model_fields)}."
            ) from None
        raise SettingsError(
            f"The setting '{name}' cannot be used: {first['msg']}.",
            f"Mend it in rag.toml, in RAG_{name.upper()}, or in the flag.",
        ) from None
    except (ValueError, OSError, RuntimeError) as error:
        # RuntimeError: `~` stands for a home folder that nobody knows.
        raise SettingsError(f"rag.toml cannot be read: {error}.", "Mend the file or remove it.") from None
