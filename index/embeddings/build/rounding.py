"""Rounding and quantisation that give the same numbers on every processor.

ONNX Runtime selects its kernels for matrix products, exp and Gelu by processor, and their results
differ in the last bits of a float. When such a result is quantised to eight bits, one value in a
hundred thousand is rounded the other way, and after twelve layers the vector is a different one.
The encoder's graph (`index.embeddings.build.onnx_graph`) therefore uses only three kinds of
operations:

- integer products, and float products of numbers on grids so coarse that every sum is exact;
- additions, multiplications, divisions and square roots, which IEEE 754 defines to the last bit,
  and sums whose order does not depend on the processor;
- exp and Gelu of arguments on a coarse grid, followed by rounding to a grid none of whose midpoints
  lies near any of the few possible results.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

QUERY_BITS = 8
KEY_BITS = 6
"""Queries (divided by the square root of the head size) are multiples of 2^-8, keys of 2^-6. The
products of a query and a key are summed exactly in a float's 24 bits while sums are below 2^10."""
VALUE_BITS = 10
LOGIT_BITS = 5
"""Differences of attention logits are multiples of 2^-5, for which exp has 208 results above half
of `PROBABILITY_STEP`."""
PROBABILITY_STEP = 1 / 255
"""The quantisation step of exp, as a fraction of the highest value in a row."""
GELU_INPUT_BITS = 7
GELU_OUTPUT_BITS = 8
GELU_SHIFT = 44 * 2.0**-GELU_OUTPUT_BITS
"""Minus the lowest of Gelu's rounded results; added to them so that none is negative."""

WEIGHT_LIMIT = 64
"""The largest absolute value of a weight's integer. On AVX2 without VNNI the sum of two products of
an unsigned and a signed byte saturates at 32,767, which 2 · 255 · 64 does not reach."""
CENTRE = 128
"""The zero point of signed values quantised to unsigned bytes."""


def rounding_constant(bits: int) -> np.float32:
    """Return c such that (x + c) - c is x rounded to a multiple of 2^-bits, ties to even.

    Valid in float32 for |x| < 2^(22 - bits), because a float's significand has 24 bits.
    """
    return np.float32(1.5 * 2.0 ** (23 - bits))


def round_to_grid(values: NDArray[np.float32], bits: int) -> NDArray[np.float32]:
    """Return the values rounded to multiples of 2^-bits."""
    return np.asarray(np.rint(values * np.float32(2**bits)) / np.float32(2**bits), np.float32)


def quantise_weight(
    weight: NDArray[np.float32],
) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return a linear layer's weight (out, in) as integers (in, out) with scales (out,).

    `integers.T * scales[:, None]` differs from the weight by at most half a scale.
    """
    scale = np.maximum(np.abs(weight).max(axis=1), np.float32(1e-12)) / np.float32(WEIGHT_LIMIT)
    integers = np.rint(weight / scale[:, None]).astype(np.int8)
    return np.ascontiguousarray(integers.T), scale
