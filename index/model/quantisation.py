"""How a linear layer's weights are held in the ONNX graph: exactly, or in eight bits."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from onnx import NodeProto

_BLOCK = 128
_INT8_ACTIVATIONS = 4  # MatMulNBits' accuracy_level


class Scheme(StrEnum):
    """The ways to hold weights that were worth measuring."""

    FP32 = "fp32"
    INT8_CHANNEL = "int8-channel"
    INT8_BLOCK = "int8-block"


Layer = tuple[Sequence["NodeProto"], dict[str, NDArray[np.generic]]]


def linear(
    scheme: Scheme, name: str, source: str, weight: NDArray[np.float32], bias: NDArray[np.float32]
) -> Layer:
    """Return nodes and constants for `name = source @ weight.T + bias`, weight being (out, in)."""
    build = {
        Scheme.FP32: _exact,
        Scheme.INT8_CHANNEL: _int8_channel,
        Scheme.INT8_BLOCK: _int8_block,
    }[scheme]
    return build(name, source, weight, bias)


def _exact(name: str, source: str, weight: NDArray[np.float32], bias: NDArray[np.float32]) -> Layer:
    from onnx.helper import make_node

    nodes = [
        make_node("MatMul", [source, f"{name}.weight"], [f"{name}.product"]),
        make_node("Add", [f"{name}.product", f"{name}.bias"], [name]),
    ]
    return nodes, {f"{name}.weight": np.ascontiguousarray(weight.T), f"{name}.bias": bias}


def _int8_channel(
    name: str, source: str, weight: NDArray[np.float32], bias: NDArray[np.float32]
) -> Layer:
    """One scale per output and one per whole input tensor.

    Weights keep to seven bits: on AVX2 without VNNI the sum of two 8-bit products saturates.
    """
    from onnx.helper import make_node

    scale = np.maximum(np.abs(weight).max(axis=1), np.float32(1e-12)) / np.float32(64)
    rounded = np.clip(np.rint(weight / scale[:, None]), -64, 63).astype(np.int8)
    values, factor, zero = f"{name}.int8", f"{name}.factor", f"{name}.zero"
    nodes = [
        make_node("DynamicQuantizeLinear", [source], [values, factor, zero]),
        make_node("MatMulInteger", [values, f"{name}.weight", zero], [f"{name}.sum"]),
        make_node("Cast", [f"{name}.sum"], [f"{name}.float"], to=1),
        make_node("Mul", [factor, f"{name}.scale"], [f"{name}.factors"]),
        make_node("Mul", [f"{name}.float", f"{name}.factors"], [f"{name}.product"]),
        make_node("Add", [f"{name}.product", f"{name}.bias"], [name]),
    ]
    return nodes, {
        f"{name}.weight": np.ascontiguousarray(rounded.T),
        f"{name}.scale": scale,
        f"{name}.bias": bias,
    }


def _int8_block(
    name: str, source: str, weight: NDArray[np.float32], bias: NDArray[np.float32]
) -> Layer:
    """One scale per 128 weights of an output, and one per 128 values of each token.

    No token's scale depends on another's, so a text's vector does not depend on its batch.
    """
    from onnx.helper import make_node

    outputs, inputs = weight.shape
    padded = np.pad(weight, ((0, 0), (0, -inputs % _BLOCK)))
    blocks = padded.reshape(outputs, -1, _BLOCK)
    scale = np.maximum(np.abs(blocks).max(axis=2), np.float32(1e-12)) / np.float32(127)
    rounded = (np.rint(blocks / scale[:, :, None]) + 128).astype(np.uint8)  # zero stands at 128
    node = make_node(
        "MatMulNBits",
        [source, f"{name}.weight", f"{name}.scale", "", "", f"{name}.bias"],
        [name],
        domain="com.microsoft",
        K=inputs,
        N=outputs,
        bits=8,
        block_size=_BLOCK,
        accuracy_level=_INT8_ACTIVATIONS,
    )
    return [node], {f"{name}.weight": rounded, f"{name}.scale": scale, f"{name}.bias": bias}
