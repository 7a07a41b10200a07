"""Rounding removes the differences between processors' exp and Gelu."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.embeddings.build.rounding import (
    GELU_INPUT_BITS,
    GELU_OUTPUT_BITS,
    GELU_SHIFT,
    LOGIT_BITS,
    PROBABILITY_STEP,
    WEIGHT_LIMIT,
    quantise_weight,
    round_to_grid,
    rounding_constant,
)

pytestmark = pytest.mark.processor

LAST_BIT = 2.0**-23
"""The relative size of a float32's last bit."""


def from_midpoint(value: float) -> float:
    """Return the distance of a value from the nearest rounding boundary."""
    return abs(value - math.floor(value) - 0.5)


def gelu(value: float) -> float:
    return value * 0.5 * math.erfc(-value / math.sqrt(2))


@given(st.integers(0, 12), st.floats(-1, 1, width=32))
def test_adding_and_subtracting_the_constant_rounds_to_the_grid(bits: int, share: float) -> None:
    value = np.float32(share * 2.0 ** (22 - bits))
    constant = rounding_constant(bits)
    assert (value + constant) - constant == np.rint(np.float64(value) * 2**bits) / 2**bits


@given(st.integers(0, 12), st.floats(-100, 100, width=32))
def test_a_number_on_the_grid_stays_and_another_moves_half_a_step_at_most(
    bits: int, value: float
) -> None:
    rounded = round_to_grid(np.array([value], np.float32), bits)
    assert abs(float(rounded[0]) - value) <= 2.0 ** -(bits + 1)
    assert round_to_grid(rounded, bits).tobytes() == rounded.tobytes()


def test_no_probability_lies_within_a_hundred_last_bits_of_where_rounding_turns() -> None:
    step = 2.0**-LOGIT_BITS
    values = [math.exp(-count * step) / PROBABILITY_STEP for count in range(40 << LOGIT_BITS)]
    assert min(from_midpoint(value) / (value * LAST_BIT) for value in values) > 100


def test_no_result_of_gelu_lies_within_twenty_last_bits_of_where_rounding_turns() -> None:
    step, scale = 2.0**-GELU_INPUT_BITS, 2.0**GELU_OUTPUT_BITS
    for count in range(-20 << GELU_INPUT_BITS, 20 << GELU_INPUT_BITS):
        value = count * step
        found = gelu(value)
        error = LAST_BIT * (abs(value) / 2 + abs(found))  # of erf, then of the product
        assert from_midpoint(found * scale) > 20 * error * scale, value


def test_gelu_shifted_is_never_negative() -> None:
    lowest = min(gelu(count / 1000) for count in range(-8000, 1))
    assert round_to_grid(np.array([lowest], np.float32), GELU_OUTPUT_BITS)[0] + GELU_SHIFT == 0


def test_two_products_of_bytes_fit_in_sixteen_bits() -> None:
    assert np.iinfo(np.int16).max >= 2 * 255 * WEIGHT_LIMIT


def test_a_weight_is_kept_to_within_half_its_outputs_scale() -> None:
    weight = np.random.default_rng(1).normal(size=(5, 40)).astype(np.float32)
    weight[3] = 0
    integers, scale = quantise_weight(weight)
    assert integers.shape == (40, 5)
    assert np.abs(integers).max() == WEIGHT_LIMIT
    assert (np.abs(integers.T * scale[:, None] - weight) <= scale[:, None] / 2 + 1e-6).all()
