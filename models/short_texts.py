"""Encodes one short text at a time by a transformer, without what a framework does around its products.

A question has ten tokens: reading the weights is most of the work, and the bookkeeping of modules adds to it. The same
weights are applied here in one loop, with query, key and value as one product, so the vectors are the same up to
rounding. Source of the architecture: Devlin et al., "BERT" (2019).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sentence_transformers import SentenceTransformer

LONGEST: Final = 128
"""Tokens of a text that is encoded here; a longer one has enough work for the framework not to matter."""


class ShortTextEncoder:
    """A BERT encoder with mean pooling. Make it with `find_short_text_encoder`; threads may share it."""

    def __init__(self, model: Any, tokenizer: Any) -> None:
        import torch

        self._tokenizer = tokenizer
        embeddings = model.embeddings
        self._words = embeddings.word_embeddings.weight
        self._places = (embeddings.position_embeddings.weight + embeddings.token_type_embeddings.weight[0]).detach()
        self._first_norm = _norm(embeddings.LayerNorm)
        self._head_count = int(model.config.num_attention_heads)
        self._layers: list[tuple[Any, ...]] = []
        for layer in model.encoder.layer:
            own = layer.attention.self
            inputs = (own.query, own.key, own.value)
            self._layers.append(
                (
                    torch.cat([part.weight for part in inputs]).detach().contiguous(),
                    torch.cat([part.bias for part in inputs]).detach(),
                    layer.attention.output.dense,
                    _norm(layer.attention.output.LayerNorm),
                    layer.intermediate.dense,
                    layer.output.dense,
                    _norm(layer.output.LayerNorm),
                )
            )

    def encode(self, text: str) -> NDArray[np.float32] | None:
        """Return the mean of the tokens' vectors, float32 (d,), not of length 1; None for a text that is too long."""
        import torch
        from torch.nn import functional

        tokens = self._tokenizer([text])["input_ids"][0]
        count = len(tokens)
        if count > LONGEST:
            return None
        with torch.inference_mode():
            rows = self._words[torch.tensor(tokens)] + self._places[:count]
            width = rows.shape[1]
            rows = functional.layer_norm(rows, (width,), *self._first_norm)
            for weight, bias, joined, norm, widened, narrowed, last_norm in self._layers:
                heads = functional.linear(rows, weight, bias).view(count, 3, self._head_count, -1).permute(1, 2, 0, 3)
                seen = functional.scaled_dot_product_attention(heads[0], heads[1], heads[2])
                seen = functional.linear(seen.transpose(0, 1).reshape(count, width), joined.weight, joined.bias)
                rows = functional.layer_norm(rows + seen, (width,), *norm)
                wide = functional.gelu(functional.linear(rows, widened.weight, widened.bias))
                rows = functional.layer_norm(
                    rows + functional.linear(wide, narrowed.weight, narrowed.bias), (width,), *last_norm
                )
            found: NDArray[np.float32] = rows.float().mean(dim=0).numpy()
        return found


def find_short_text_encoder(model: SentenceTransformer) -> ShortTextEncoder | None:
    """Return the encoder with the weights of `model`, None when it is not a plain BERT with mean pooling."""
    from transformers import BertModel

    transformer = getattr(model[0], "auto_model", None)
    pooling = getattr(model[1], "pooling_mode", None) if len(model) > 1 else None
    others = {type(part).__name__ for part in list(model)[2:]}
    is_plain = (
        isinstance(transformer, BertModel)
        and transformer.config.hidden_act == "gelu"
        and not transformer.config.is_decoder
        and pooling == "mean"
        and others <= {"Normalize"}
    )
    return ShortTextEncoder(transformer, model.tokenizer) if is_plain else None


def _norm(layer: Any) -> tuple[Any, Any, float]:
    return layer.weight, layer.bias, float(layer.eps)
