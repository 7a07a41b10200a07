"""Roundings that give the same numbers on every processor.

ONNX Runtime picks its code for matrix products, exp and Gelu by the processor, and these differ in
the last bits of a float. Where such a result is then rounded to eight bits, one value in a hundred
thousand falls to the other side, and twelve layers make that a different vector. The encoder's
graph (see `graph`) therefore uses three kinds of operations only:

- integer products, and float products of numbers so coarse that every sum is exact;
- additions, multiplications, divisions and square roots, which IEEE 754 defines to the last bit,
  and sums whose order the processor does not change;
- exp and Gelu of numbers from a coarse grid, rounded afterwards to a grid none of whose midpoints
  lies near one of the few results that there can be.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

QUERY_BITS = 8
KEY_BITS = 6
"""Queries (divided by the square root of a head's size) are multiples of 2^-8 and keys of 2^-6. The
products of a query and a key add up exactly in a float of 24 bits while they stay below 2^10."""
VALUE_BITS = 10
LOGIT_BITS = 5
"""Differences of attention logits are multiples of 2^-5, of which exp has 208 results above half of
`PROBABILITY_STEP`."""
PROBABILITY_STEP = 1 / 255
"""The step to which exp is rounded, as a share of a row's highest value."""
GELU_INPUT_BITS = 7
GELU_OUTPUT_BITS = 8
GELU_SHIFT = 44 * 2.0**-GELU_OUTPUT_BITS
"""Added to Gelu's rounded results, whose lowest is its opposite, so that none is negative."""

WEIGHT_LIMIT = 64
"""The largest integer of a weight: on AVX2 without VNNI the sum of two products of an unsigned byte
and a signed one saturates at 32,767, which 2 · 255 · 64 does not reach."""
CENTRE = 128
"""The unsigned byte that stands for zero where values have both signs."""


def rounding_constant(bits: int) -> np.float32:
    """Return a number c so that (x + c) - c is x rounded to a multiple of 2^-bits, half to even.

    It holds in float32 for |x| < 2^(22 - bits), because a float has 24 bits.
    """
    return np.float32(1.5 * 2.0 ** (23 - bits))


def round_to_grid(values: NDArray[np.float32], bits: int) -> NDArray[np.float32]:
    """Return the values rounded to multiples of 2^-bits."""
    return np.asarray(np.rint(values * np.float32(2**bits)) / np.float32(2**bits), np.float32)


def quantise_weight(
    weight: NDArray[np.float32],
) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return a linear layer's weight (out, in) as integers (in, out), and their scales (out,).

    `integers.T * scales[:, None]` is the weight, to within half a scale.
    """
    scale = np.maximum(np.abs(weight).max(axis=1), np.float32(1e-12)) / np.float32(WEIGHT_LIMIT)
    integers = np.rint(weight / scale[:, None]).astype(np.int8)
    return np.ascontiguousarray(integers.T), scale
