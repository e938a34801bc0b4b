"""Train the reader: `python -m eval.reader.train --data FOLDER --embedder FOLDER --run FOLDER`.

Resumes by itself from the run folder's checkpoint. The learning rate warms up, is held, and falls
linearly to zero from `--decay-from` to `--steps`. On a machine whose speed cannot be told beforehand
give `--decay-at` and `--end-at` (UTC, `HH:MM`) instead: the log then tells the steps they fell on.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import signal
import time
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer

from eval.reader.data import Cutter, Stream, Window, open_sources
from eval.reader.network import Batch, Reader, from_embedder, span_loss


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Train the extractive reader.")
    parser.add_argument("--data", type=Path, required=True, help="folder of the reading-comprehension files")
    parser.add_argument(
        "--embedder", type=Path, required=True, help="Sentence Transformers folder to start from"
    )
    parser.add_argument("--run", type=Path, required=True, help="folder of checkpoints and the log")
    parser.add_argument(
        "--start",
        type=Path,
        action="append",
        default=[],
        help="checkpoint to begin a new training from; of several the mean of their averaged weights",
    )
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--decay-from", type=int, default=2500)
    parser.add_argument(
        "--decay-at", default="", help="UTC time at which the decay begins, in place of a step"
    )
    parser.add_argument("--end-at", default="", help="UTC time at which training ends, in place of a step")
    parser.add_argument("--peak", type=float, default=2e-4, help="highest learning rate, of the top layer")
    parser.add_argument(
        "--layer-decay", type=float, default=0.92, help="factor from each layer to the one below"
    )
    parser.add_argument("--warmup", type=int, default=80)
    parser.add_argument("--frozen", type=int, default=4, help="lowest layers that are left as they are")
    parser.add_argument("--tokens", type=int, default=520, help="tokens of a batch")
    parser.add_argument("--batches", type=int, default=4, help="batches whose gradients make one step")
    parser.add_argument("--helpers", type=int, default=1, help="processes besides this one")
    parser.add_argument("--ema", type=float, default=0.995, help="decay of the averaged weights")
    parser.add_argument("--save-every", type=float, default=300.0, help="seconds between checkpoints")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--latest", default="", help="beginning of the names of written files to draw from more often"
    )
    return parser.parse_args()


def to_batch(windows: list[Window]) -> Batch:
    """Windows → tensors."""
    lengths = [len(window.ids) for window in windows]
    allowed = torch.zeros(len(windows), max(lengths), dtype=torch.bool)
    for row, window in enumerate(windows):
        allowed[row, 0] = True
        allowed[row, window.passage : len(window.ids) - 1] = True
    ids = torch.tensor([i for window in windows for i in window.ids])
    return Batch(ids, lengths, torch.tensor([window.span for window in windows]), allowed)


class Trainer:
    """bf16 weights that compute, fp32 weights that learn, and their running average.

    All learning weights lie in one flat tensor of each kind; those that compute are in shared memory.
    """

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.model = from_embedder(options.embedder, options.seed)
        own = {name: value for name, value in self.model.named_parameters() if self._learns(name)}
        self.names = list(own)
        self.flat = torch.cat([value.detach().flatten() for value in own.values()])
        self.model.requires_grad_(False).to(torch.bfloat16)
        self.light = self.flat.to(torch.bfloat16)
        self.light.share_memory_()  # type: ignore[no-untyped-call]
        self.average = self.flat.clone()
        self.gradient = torch.zeros_like(self.flat)
        groups, at = [], 0
        for name, value in own.items():
            place = slice(at, at + value.numel())
            at = place.stop
            value.data = self.light[place].view(value.shape)
            value.requires_grad_(True)
            weight = self.flat[place].view(value.shape)
            weight.grad = self.gradient[place].view(value.shape)
            decay = 0.01 if weight.ndim > 1 else 0.0
            groups.append({"params": [weight], "scale": self._scale(name), "weight_decay": decay})
        self.optimizer = torch.optim.AdamW(groups, lr=options.peak, betas=(0.9, 0.98), eps=1e-6, fused=True)
        self.step = 0
        self.stopping = False
        self.decay_from: int | None = None
        self.crew = Crew(self.model, len(self.flat), options) if options.helpers else None

    def _learns(self, name: str) -> bool:
        if name.startswith("layers."):
            return int(name.split(".")[1]) >= int(self.options.frozen)
        return name.startswith("head.")

    def _scale(self, name: str) -> float:
        if name.startswith("head."):
            return 1.0
        above = len(self.model.layers) - 1 - int(name.split(".")[1])
        return float(self.options.layer_decay**above)

    def rate(self) -> float:
        """Learning rate of the top layer at this step."""
        options = self.options
        warm = min(1.0, (self.step + 1) / options.warmup)
        if options.end_at:
            now, begin, end = time.time(), clock(options.decay_at), clock(options.end_at)
            if now >= begin and self.decay_from is None:
                self.decay_from = self.step
            left = (end - now) / (end - begin)
        else:
            self.decay_from = options.decay_from
            left = (options.steps - self.step) / max(1, options.steps - options.decay_from)
        return float(options.peak * warm * min(1.0, max(0.0, left)))

    def learn(self, batches: list[Batch], rate: float) -> tuple[float, float]:
        """One step over all `batches`; returns the mean loss of a question and the gradient's norm."""
        self.gradient.zero_()
        if self.crew:
            total = self.crew.work(batches, self.gradient)
        else:
            total = sum(
                add_gradient(self.model, batch, self.gradient, self.options.frozen) for batch in batches
            )
        questions = sum(len(batch.lengths) for batch in batches)
        norm = float(self.gradient.norm()) / questions
        self.gradient.mul_(min(1.0, 1.0 / (norm + 1e-6)) / questions)
        for group in self.optimizer.param_groups:
            group["lr"] = rate * group["scale"]
        if math.isfinite(norm):
            self.optimizer.step()
        keep = min(self.options.ema, (1 + self.step) / (10 + self.step))
        self.average.lerp_(self.flat, 1 - keep)
        self.light.copy_(self.flat)
        self.step += 1
        return total / questions, norm

    def save(self, path: Path, stream: Stream) -> None:
        """Write everything that going on needs, atomically."""
        state = {
            "step": self.step,
            "decay_from": self.decay_from,
            "names": self.names,
            "master": self.flat,
            "average": self.average,
            "optimizer": self.optimizer.state_dict(),
            "stream": stream.state,
        }
        torch.save(state, path.with_suffix(".part"))
        path.with_suffix(".part").replace(path)

    def begin(self, paths: list[Path]) -> None:
        """Take over the mean of the averaged weights of other trainings; all else begins anew."""
        states = [torch.load(path, weights_only=True) for path in paths]
        if any(state["names"] != self.names for state in states):
            raise ValueError("a checkpoint to start from trains other parameters: give its --frozen")
        self.flat.copy_(torch.stack([state["average"] for state in states]).mean(dim=0))
        self.light.copy_(self.flat)
        self.average.copy_(self.flat)

    def load(self, path: Path, stream: Stream) -> None:
        """Go on from `path`."""
        state = torch.load(path, weights_only=True)
        if state["names"] != self.names:
            raise ValueError(f"{path} trains other parameters: keep --frozen as it was")
        self.step, self.decay_from = state["step"], state["decay_from"]
        self.flat.copy_(state["master"])
        self.light.copy_(self.flat)
        self.average.copy_(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        stream.state.clear()
        stream.state.update(state["stream"])


def add_gradient(model: Reader, batch: Batch, into: torch.Tensor, frozen: int) -> float:
    """Add the gradient of the batch's summed loss to the flat tensor `into`; returns that loss."""
    loss = span_loss(model(batch.ids, batch.lengths, frozen), batch)
    loss.backward()  # type: ignore[no-untyped-call]
    at = 0
    for parameter in model.parameters():
        if parameter.requires_grad and parameter.grad is not None:
            into[at : at + parameter.numel()] += parameter.grad.flatten()
            at += parameter.numel()
            parameter.grad = None
    return float(loss.detach())


class Crew:
    """This process and forked helpers take a step's batches one by one, whoever is free.

    One thread each: on a busy machine two threads that wait for one another lose more than half.
    """

    def __init__(self, model: Reader, size: int, options: argparse.Namespace) -> None:
        context = torch.multiprocessing.get_context("fork")
        self.model, self.frozen = model, options.frozen
        self.taken = context.Value("i", 0)
        self.helpers = []
        for _ in range(options.helpers):
            buffer = torch.zeros(size)
            buffer.share_memory_()  # type: ignore[no-untyped-call]
            mine, theirs = context.Pipe()
            context.Process(target=self._help, args=(theirs, buffer), daemon=True).start()
            self.helpers.append((mine, buffer))

    def work(self, batches: list[Batch], into: torch.Tensor) -> float:
        """Add the gradient of all batches to `into`; returns the summed loss."""
        self.taken.value = 0
        for connection, _ in self.helpers:
            connection.send(batches)
        total = self._take(batches, into)
        for connection, buffer in self.helpers:
            total += connection.recv()
            into.add_(buffer)
        return total

    def _take(self, batches: list[Batch], into: torch.Tensor) -> float:
        total = 0.0
        while True:
            with self.taken.get_lock():
                number = self.taken.value
                self.taken.value += 1
            if number >= len(batches):
                return total
            total += add_gradient(self.model, batches[number], into, self.frozen)

    def _help(self, connection: Connection, buffer: torch.Tensor) -> None:
        torch.set_num_threads(1)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        parent = os.getppid()
        while True:
            while not connection.poll(5):
                if os.getppid() != parent:
                    return
            batches = connection.recv()
            buffer.zero_()
            connection.send(self._take(batches, buffer))


def clock(text: str) -> float:
    """`HH:MM` today in UTC → seconds since the epoch."""
    hour, minute = text.split(":")
    return datetime.now(UTC).replace(hour=int(hour), minute=int(minute), second=0).timestamp()


def finished(trainer: Trainer) -> bool:
    """Whether the last step is done."""
    options = trainer.options
    return time.time() >= clock(options.end_at) if options.end_at else trainer.step >= options.steps


def main() -> None:
    """Train until the schedule ends."""
    options = arguments()
    torch.set_num_threads(1)
    options.run.mkdir(parents=True, exist_ok=True)
    (options.run / "pid").write_text(str(os.getpid()), encoding="utf-8")
    trainer = Trainer(options)
    cutter = Cutter(Tokenizer.from_file(str(options.embedder / "tokenizer.json")))
    stream = Stream(
        open_sources(options.data, options.seed, options.latest),
        cutter,
        tokens=options.tokens,
        seed=options.seed,
    )
    checkpoint = options.run / "checkpoint.pt"
    if checkpoint.exists():
        trainer.load(checkpoint, stream)
    elif options.start:
        trainer.begin(options.start)
    log(options, event="start", step=trainer.step, given={k: str(v) for k, v in vars(options).items()})
    saved = shown = time.time()
    losses: list[float] = []
    tokens = 0
    signal.signal(signal.SIGTERM, lambda *_: setattr(trainer, "stopping", True))
    while not (trainer.stopping or finished(trainer)):
        rate = trainer.rate()
        batches = [to_batch(windows) for _ in range(options.batches) if (windows := stream.next())]
        loss, norm = trainer.learn(batches, rate)
        losses.append(loss)
        tokens += sum(len(batch.ids) for batch in batches)
        now = time.time()
        if trainer.step % 20 == 0:
            mean = sum(losses) / len(losses)
            speed = tokens / (now - shown)
            log(
                options,
                step=trainer.step,
                loss=round(mean, 4),
                rate=rate,
                norm=round(norm, 3),
                speed=round(speed),
            )
            losses, tokens, shown = [], 0, now
        if now - saved > options.save_every:
            trainer.save(checkpoint, stream)
            saved = time.time()
    trainer.save(checkpoint, stream)
    log(options, event="end", step=trainer.step, decay_from=trainer.decay_from, draws=stream.state)


def log(options: argparse.Namespace, **entry: Any) -> None:
    """Append one line to the run's log."""
    entry = {"time": datetime.now(UTC).strftime("%H:%M:%S"), **entry}
    with (options.run / "log.jsonl").open("a", encoding="utf-8") as out:
        out.write(json.dumps(entry, default=str) + "\n")


if __name__ == "__main__":
    main()


__all__ = ["Reader", "Trainer", "main", "to_batch"]
