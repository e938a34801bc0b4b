"""Settings → a LangChain chat model: the offline one, or any that LangChain can name.

The offline model runs in this process through OpenVINO GenAI. Its prefix cache keeps the fixed
part of the prompt (instructions and examples), so that only the passages and the question of each
new prompt cost time.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import queue
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import LangSmithParams
from langchain_core.language_models.chat_models import BaseChatModel, generate_from_stream
from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGenerationChunk, ChatResult

from rag.errors import EngineError, ModelError, SettingsError
from rag.models import LLM_NAME, Progress, import_openvino, prepare_llm
from rag.settings import OFFLINE_LLM, Settings

GUESSED_TOKENS, MATCHED_TOKENS = 8, 2
"""Prompt lookup: after so many tokens that match the prompt, so many that follow them there are guessed and
checked in one step. Answers mostly repeat the passages, and a step costs the same for one token as for
nine: three times the speed on two cores, and the same words."""

_ROLES = {"system": "system", "human": "user", "ai": "assistant"}
_Piece = AIMessageChunk | BaseException | None
"""What the generating thread hands over: pieces of the answer, a failure, None at the end."""
_CACHE_GB = 1
"""Room for the keys and values of about 30,000 tokens: the prefix and some conversations."""


def engine_name(settings: Settings) -> str:
    """The engine as shown to people, such as `local:qwen2.5-coder-1.5b-instruct-q4_k_m`."""
    return f"{OFFLINE_LLM}:{LLM_NAME}" if settings.llm == OFFLINE_LLM else settings.llm


def chat_model(settings: Settings, progress: Progress | None = None) -> BaseChatModel:
    """The chat model the settings name. The offline one is prepared on first use.

    Raises:
        SettingsError: the name is not of the form `provider:model`.
        ModelError: the offline model's packages, or the provider's package, are missing.
    """
    if settings.llm == OFFLINE_LLM:
        if importlib.util.find_spec("openvino_genai") is None:
            raise ModelError(
                "The runtime of the offline language model (openvino-genai) is not installed.",
                "Install it: pip install '.[local]', or choose --llm extractive.",
            )
        return LocalChatModel(
            folder=str(prepare_llm(settings.cache, progress)),
            max_tokens=settings.max_answer_tokens,
            temperature=settings.temperature,
        )
    provider, _, model = settings.llm.partition(":")
    if not provider or not model:
        raise SettingsError(
            f"'{settings.llm}' is no language model.",
            "Use local, extractive, or provider:model such as openai:gpt-5-mini.",
        )
    options: dict[str, Any] = {"base_url": settings.base_url} if settings.base_url else {}
    if provider == "openai" and settings.base_url:
        import os

        # Local servers want no key, but the client insists on one.
        options["api_key"] = os.environ.get("OPENAI_API_KEY", "none")
        # They count tokens only when asked, and some do not know the newer name `max_completion_tokens`.
        options["stream_usage"] = True
        options["extra_body"] = {"max_tokens": settings.max_answer_tokens}
    try:
        from langchain.chat_models import init_chat_model

        created: BaseChatModel = init_chat_model(
            model,
            model_provider=provider,
            temperature=settings.temperature,
            max_tokens=settings.max_answer_tokens,
            timeout=settings.deadline,
            max_retries=0,
            **options,
        )
        return created
    except ImportError as error:
        # LangChain's own words name the package to install.
        raise ModelError(f"The package for '{provider}' is not installed.", f"{error}.") from error
    except Exception as error:  # each provider has its own errors for a bad key or name
        raise ModelError(
            f"The language model '{settings.llm}' cannot be set up: {' '.join(str(error).split())}",
            "Check the name and the provider's API key, or use --llm local.",
        ) from error


@lru_cache(maxsize=1)
def _pipeline(folder: str) -> Any:
    """Load once per process: it takes seconds and a gigabyte."""
    openvino_genai = import_openvino("openvino_genai")
    scheduler = openvino_genai.SchedulerConfig()
    scheduler.enable_prefix_caching = True
    scheduler.cache_size = _CACHE_GB
    try:
        return openvino_genai.LLMPipeline(folder, "CPU", scheduler_config=scheduler, prompt_lookup=True)
    except RuntimeError as error:
        raise ModelError(
            f"The offline language model cannot be loaded: {str(error).splitlines()[0]}",
            f"Remove {Path(folder)} to prepare it anew, or choose --llm extractive.",
        ) from error


_generating = threading.Lock()
"""Two answers at once on two cores would each take more than twice as long."""


class LocalChatModel(BaseChatModel):
    """The offline language model as a LangChain chat model. At temperature 0, answers repeat."""

    folder: str
    max_tokens: int = 256
    temperature: float = 0.0

    @property
    def _llm_type(self) -> str:
        return "openvino-genai"

    def _get_ls_params(self, stop: list[str] | None = None, **kwargs: Any) -> LangSmithParams:
        """How the model is named in traces."""
        params = super()._get_ls_params(stop, **kwargs)
        params["ls_provider"] = OFFLINE_LLM
        params.setdefault("ls_model_name", LLM_NAME)
        return params

    def load(self) -> None:
        """Load the weights now rather than at the first question."""
        with _generating:
            _pipeline(self.folder)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return generate_from_stream(self._stream(messages, stop, run_manager, **kwargs))

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        """Yield pieces as they are generated. Closing the generator stops the model."""
        pieces: queue.SimpleQueue[_Piece] = queue.SimpleQueue()
        worker, stopped = self._start(messages, stop, kwargs, pieces.put)
        try:
            while (piece := pieces.get()) is not None:
                chunk = _as_chunk(piece)
                if run_manager:
                    run_manager.on_llm_new_token(chunk.text, chunk=chunk)
                yield chunk
        finally:
            stopped.set()
            worker.join()

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        """As `_stream`. Cancelling stops the model, too, even before its first word."""
        loop = asyncio.get_running_loop()
        pieces: asyncio.Queue[_Piece] = asyncio.Queue()

        def put(piece: _Piece) -> None:
            with contextlib.suppress(RuntimeError):  # the loop may be closed by now
                loop.call_soon_threadsafe(pieces.put_nowait, piece)

        _, stopped = self._start(messages, stop, kwargs, put)
        try:
            while (piece := await pieces.get()) is not None:
                chunk = _as_chunk(piece)
                if run_manager:
                    await run_manager.on_llm_new_token(chunk.text, chunk=chunk)
                yield chunk
        finally:
            stopped.set()

    def _start(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None,
        options: dict[str, Any],
        put: Callable[[_Piece], None],
    ) -> tuple[threading.Thread, threading.Event]:
        """Generate in a thread; the event stops it.

        No daemon: a process that ended while it is inside the library, loading the model, would abort.
        """
        stopped = threading.Event()
        limit = options.get("max_tokens", self.max_tokens)
        worker = threading.Thread(
            target=self._run, args=(to_chatml(messages), stop or [], limit, put, stopped)
        )
        worker.start()
        return worker, stopped

    def _run(
        self,
        prompt: str,
        stop: list[str],
        max_tokens: int,
        put: Callable[[_Piece], None],
        stopped: threading.Event,
    ) -> None:
        try:
            openvino_genai = import_openvino("openvino_genai")
            config = openvino_genai.GenerationConfig()
            config.max_new_tokens = max_tokens
            config.do_sample = self.temperature > 0
            if config.do_sample:
                config.temperature = self.temperature
            config.apply_chat_template = False
            config.num_assistant_tokens, config.max_ngram_size = GUESSED_TOKENS, MATCHED_TOKENS
            if stop:
                config.stop_strings = set(stop)

            with _generating:
                if not stopped.is_set():
                    pipeline = _pipeline(self.folder)
                    passing = _passing_on(pipeline.get_tokenizer(), put, stopped)
                    # A list of one: only for lists are the tokens counted.
                    result = pipeline.generate([prompt], config, passing)
                    put(_last_chunk(_usage(result.perf_metrics), max_tokens))
        except Exception as error:  # noqa: BLE001 - handed to the reader, where it is raised
            put(error)
        finally:
            put(None)


def _as_chunk(piece: AIMessageChunk | BaseException) -> ChatGenerationChunk:
    if isinstance(piece, BaseException):
        raise EngineError(
            f"The offline language model failed: {piece}",
            "Try again, or choose --llm extractive.",
            detail=" ".join(str(piece).split()),
        ) from piece
    return ChatGenerationChunk(message=piece)


def _last_chunk(usage: UsageMetadata, max_tokens: int) -> AIMessageChunk:
    """Tells what was counted, and whether the model came to its end."""
    ending = "length" if usage["output_tokens"] >= max_tokens else "stop"
    return AIMessageChunk(content="", usage_metadata=usage, response_metadata={"finish_reason": ending})


def _passing_on(tokenizer: Any, put: Callable[[_Piece], None], stopped: threading.Event) -> Any:
    """A streamer that passes on every token at once; OpenVINO's own holds the last three back."""
    openvino_genai = import_openvino("openvino_genai")

    class PassingOn(openvino_genai.StreamerBase):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.tokens: list[int] = []
            self.shown = ""

        def write(self, token: int | list[int]) -> Any:
            """Called for one token, or for several that were guessed right."""
            self.tokens += [token] if isinstance(token, int) else token
            text = tokenizer.decode(self.tokens)
            # Half a character is no character yet.
            if not text.endswith("\ufffd"):
                new, self.shown = text[len(self.shown) :], text
                if new:
                    put(AIMessageChunk(content=new))
            status = openvino_genai.StreamingStatus
            return status.CANCEL if stopped.is_set() else status.RUNNING

        def end(self) -> None:
            """Nothing is held back."""

    return PassingOn()


def _usage(metrics: Any) -> UsageMetadata:
    prompt, answer = metrics.get_num_input_tokens(), metrics.get_num_generated_tokens()
    return UsageMetadata(input_tokens=prompt, output_tokens=answer, total_tokens=prompt + answer)


def to_chatml(messages: list[BaseMessage]) -> str:
    """The prompt as Qwen reads it: `<|im_start|>role … <|im_end|>`, ending where the answer begins.

    Text that imitates the control tokens is broken up, so that an article cannot end its own turn.
    """
    turns = [
        f"<|im_start|>{_ROLES.get(message.type, 'user')}\n{message.text.replace('<|', '< |')}<|im_end|>\n"
        for message in messages
    ]
    return "".join(turns) + "<|im_start|>assistant\n"
