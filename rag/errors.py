"""The error tree. Every error carries a hint: what the user can do about it.

RagError
├── SettingsError      a setting has a value that cannot be used
├── PromptError        a prompt file is missing, or lacks one of its variables
├── CorpusError        the corpus folder is missing or unreadable
│   └── ArticleError   one file cannot be read; it is skipped with this reason
├── SavedAnswerError   a saved answer cannot be read
├── ModelError         a model cannot be found, verified, converted or loaded
├── StoreError         the index cannot be read or written
│   ├── IndexMissing   nothing has been indexed yet
│   ├── IndexMismatch  the index was built by another embedder or schema
│   └── IndexLocked    another process is writing the index
└── EngineError        the language model failed while it was answering

The library raises; only the faces (`cli.py`, `web/`) print.
"""


class RagError(Exception):
    """Base of all errors a user may see.

    `hint` is one sentence that says what to do, often with the command to run.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class SettingsError(RagError):
    """A setting has a value that cannot be used."""


class PromptError(RagError):
    """A prompt file is missing, or lacks one of its variables."""


class CorpusError(RagError):
    """The corpus folder is missing or unreadable."""


class ArticleError(CorpusError):
    """One file cannot be read as an article; it is skipped with this reason."""


class SavedAnswerError(RagError):
    """A saved answer cannot be read."""


class ModelError(RagError):
    """A model cannot be found, verified, converted or loaded."""


class StoreError(RagError):
    """The index cannot be read or written."""


class IndexMissing(StoreError):  # noqa: N818 - what is the matter, in two words
    """Nothing has been indexed yet at the given place."""


class IndexMismatch(StoreError):  # noqa: N818 - what is the matter, in two words
    """The index was built by another embedder, chunker or schema."""


class IndexLocked(StoreError):  # noqa: N818 - what is the matter, in two words
    """Another process is writing this index."""


class EngineError(RagError):
    """The language model failed while it was answering.

    `reason` is one of those that `phrases.py` can tell the reader, `detail` what else is to be said.
    """

    def __init__(self, message: str, hint: str = "", *, reason: str = "error", detail: str = "") -> None:
        super().__init__(message, hint)
        self.reason = reason
        self.detail = detail
