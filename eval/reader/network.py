"""The reader's network in torch: the embedder's twelve layers and a span head, in bf16.

Tokens of a batch lie packed, one sequence after the other without padding, so that dense layers do no
work for nothing; only attention sees a padded block. Names of the parameters are those of `rag.encoder`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.numpy import load_file
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the name everybody knows it by

from rag.encoder import from_bert


@dataclass(frozen=True, slots=True)
class Batch:
    """`n` sequences, `tokens` tokens in all, packed in order."""

    ids: Tensor
    """int64 [tokens]."""
    lengths: list[int]
    spans: Tensor
    """int64 [n, 2]: first and last token of the answer within its sequence; 0, 0 when there is none."""
    allowed: Tensor
    """bool [n, longest]: where a span may start or end: the passage's tokens, and `<s>`."""


class Layer(nn.Module):
    """One post-norm transformer layer, as in BERT."""

    def __init__(self, hidden: int, heads: int, feed_forward: int, epsilon: float) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(hidden, 3 * hidden)
        self.out = nn.Linear(hidden, hidden)
        self.attention_norm = nn.LayerNorm(hidden, eps=epsilon)
        self.up = nn.Linear(hidden, feed_forward)
        self.down = nn.Linear(feed_forward, hidden)
        self.output_norm = nn.LayerNorm(hidden, eps=epsilon)

    def forward(self, x: Tensor, place: Tensor, shape: tuple[int, int], mask: Tensor | None) -> Tensor:
        """Packed vectors [tokens, hidden] → the same; `place` is where they lie in a padded block."""
        n, longest = shape
        tokens, hidden = x.shape
        block = self.qkv(x)
        if tokens != n * longest:
            block = block.new_zeros(n * longest, 3 * hidden).index_copy(0, place, block)
        width = hidden // self.heads
        q, k, v = block.view(n, longest, 3, self.heads, width).permute(2, 0, 3, 1, 4)
        # Written out: on a CPU the fused kernel's backward pass takes half of a whole training step.
        scores = (q * width**-0.5) @ k.transpose(-1, -2)
        if mask is not None:
            scores = scores + mask
        seen = scores.softmax(-1) @ v
        seen = seen.transpose(1, 2).reshape(n * longest, hidden)
        if tokens != n * longest:
            seen = seen.index_select(0, place)
        x = self.attention_norm(x + self.out(seen))
        x = self.output_norm(x + self.down(F.gelu(self.up(x))))
        return x


class Reader(nn.Module):
    """Packed token ids → start and end logits, padded to [n, longest, 2]."""

    def __init__(self, configuration: dict[str, Any]) -> None:
        super().__init__()
        hidden = configuration["hidden_size"]
        epsilon = configuration["layer_norm_eps"]
        self.words = nn.Embedding(configuration["vocab_size"], hidden)
        self.positions = nn.Embedding(configuration["max_position_embeddings"], hidden)
        self.types = nn.Embedding(1, hidden)
        self.norm = nn.LayerNorm(hidden, eps=epsilon)
        self.layers = nn.ModuleList(
            Layer(hidden, configuration["num_attention_heads"], configuration["intermediate_size"], epsilon)
            for _ in range(configuration["num_hidden_layers"])
        )
        self.head = nn.Linear(hidden, 2)

    def embed(self, ids: Tensor, lengths: list[int]) -> Tensor:
        """Packed ids → packed vectors [tokens, hidden]."""
        positions = torch.cat([torch.arange(length) for length in lengths])
        vectors: Tensor = self.norm(self.words(ids) + self.types.weight[0] + self.positions(positions))
        return vectors

    def forward(self, ids: Tensor, lengths: list[int], frozen: int = 0) -> Tensor:
        """Logits [n, longest, 2]; the lowest `frozen` layers and the embeddings keep no gradient."""
        n, longest = len(lengths), max(lengths)
        sizes = torch.tensor(lengths)
        inside = torch.arange(longest)[None] < sizes[:, None]
        place = inside.flatten().nonzero().squeeze(1)
        mask = None
        if place.numel() != n * longest:
            mask = torch.zeros(n, 1, 1, longest, dtype=self.head.weight.dtype)
            mask.masked_fill_(~inside[:, None, None], -1e4)
        with torch.no_grad():
            x = self.embed(ids, lengths)
            for layer in self.layers[:frozen]:
                x = layer(x, place, (n, longest), mask)
        for layer in self.layers[frozen:]:
            x = layer(x, place, (n, longest), mask)
        logits: Tensor = self.head(x)
        return logits.new_zeros(n * longest, 2).index_copy(0, place, logits).view(n, longest, 2)


def span_loss(logits: Tensor, batch: Batch) -> Tensor:
    """Sum over the batch: mean cross-entropy of the answer's first and last token; none points at `<s>`."""
    logits = logits.float().masked_fill(~batch.allowed[..., None], -1e9)
    start = F.cross_entropy(logits[..., 0], batch.spans[:, 0], reduction="sum")
    end = F.cross_entropy(logits[..., 1], batch.spans[:, 1], reduction="sum")
    return (start + end) / 2


def from_embedder(folder: Path, seed: int = 0) -> Reader:
    """The embedder's weights (a Sentence Transformers folder holding a BertModel) under a new span head."""
    torch.manual_seed(seed)
    model = Reader(json.loads((folder / "config.json").read_text(encoding="utf-8")))
    source = load_file(folder / "model.safetensors")
    own = {"words.weight": source.pop("embeddings.word_embeddings.weight"), **from_bert(source)}
    state = {name: torch.from_numpy(values) for name, values in own.items()}
    nn.init.normal_(model.head.weight, std=0.02)
    nn.init.zeros_(model.head.bias)
    state |= {f"head.{name}": value for name, value in model.head.state_dict().items()}
    model.load_state_dict(state)
    return model
