"""Other ways to run the encoder, to compare with `index.embeddings.build.onnx_graph`.

All of them use ONNX Runtime's own attention, Gelu and layer normalisation, which are in floats and
differ in their last bits between processors.
"""

from __future__ import annotations

import json
import os
import shutil
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from index.embeddings.build.onnx_graph import GRAPH_FILE, WEIGHTS_FILE, BertGraph, write_graph
from index.embeddings.build.rounding import quantise_weight
from index.embeddings.build.safetensors_file import SafetensorsFile
from index.embeddings.token_projection import TokenProjection

if TYPE_CHECKING:
    from onnx import ModelProto

_MICROSOFT = "com.microsoft"
_BLOCK = 128
_INT8_ACTIVATIONS = 4  # MatMulNBits' accuracy_level


class Scheme(StrEnum):
    """How linear layers are computed; `EXACT` is the shipped graph, the same on every processor."""

    FP32 = "fp32"
    INT8_TENSOR = "int8-tensor"
    """Weights with a scale for each output, activations with one for the whole text: the default
    until the shipped graph replaced it."""
    INT8_TOKEN = "int8-token"
    """The same with a scale for each token."""
    INT8_BLOCK = "int8-block"
    """A scale for each 128 weights of an output, and for each 128 values of a token."""
    EXACT = "exact"


def write_scheme(prepared: Path, folder: Path, scheme: Scheme) -> None:
    """Write into `folder` the prepared model with the graph of a scheme."""
    shutil.copytree(prepared, folder, copy_function=os.link)
    (folder / GRAPH_FILE).unlink()
    if scheme is Scheme.EXACT:
        write_graph(folder)
        return
    config = json.loads((folder / "config.json").read_text("utf-8"))
    graph = _FloatGraph(config, SafetensorsFile(folder / WEIGHTS_FILE), scheme)
    (folder / GRAPH_FILE).write_bytes(graph.build().SerializeToString())


class _FloatGraph(BertGraph):
    """The encoder with float attention, and linear layers in one of the schemes."""

    def __init__(self, config: dict[str, int], weights: SafetensorsFile, scheme: Scheme) -> None:
        super().__init__(config, weights)
        self.scheme = scheme

    def build(self, projection: TokenProjection | None = None) -> ModelProto:
        """Return the graph without the constants that only the shipped one uses."""
        model = super().build(projection)
        used = {name for node in model.graph.node for name in node.input}
        kept = [each for each in model.graph.initializer if each.name in used]
        del model.graph.initializer[:]
        model.graph.initializer.extend(kept)
        return model

    def _add_layer(self, name: str, state: str) -> str:
        attention, output = f"{name}.attention", f"{name}.attention.output"
        parts = [f"{attention}.self.{part}" for part in ("query", "key", "value")]
        fused = self._linear(f"{attention}.self", parts, state)
        first = self._add_constant("axis.first", [0])
        self._add_node("Split", [fused], *parts, axis=-1, num_outputs=3)
        batch = [self._add_node("Unsqueeze", [part, first], f"{part}.batch") for part in parts]
        context = self._add_node(
            "MultiHeadAttention",
            batch,
            f"{attention}.batch",
            domain=_MICROSOFT,
            num_heads=self.head_count,
        )
        context = self._add_node("Squeeze", [context, first], attention)
        dense = self._linear(f"{output}.dense", [f"{output}.dense"], context)
        state = self._add_and_norm(output, dense, state)
        inner, outer = f"{name}.intermediate.dense", f"{name}.output.dense"
        activated = self._add_node("Gelu", [self._linear(inner, [inner], state)], f"{inner}.gelu")
        return self._add_and_norm(f"{name}.output", self._linear(outer, [outer], activated), state)

    def _add_and_norm(self, name: str, update: str, state: str) -> str:
        norm = [
            self._add_constant(each, self.weights[each])
            for each in (f"{name}.LayerNorm.weight", f"{name}.LayerNorm.bias")
        ]
        inputs = [update, state, *norm]
        return self._add_node(
            "SkipLayerNormalization", inputs, name, domain=_MICROSOFT, epsilon=self.epsilon
        )

    def _linear(self, name: str, parts: list[str], source: str) -> str:
        """Add `source @ W.T + b`, the parts' weights and biases stacked into one product."""
        weight = np.concatenate([self.weights[f"{part}.weight"] for part in parts])
        bias = self._add_constant(
            f"{name}.bias", np.concatenate([self.weights[f"{part}.bias"] for part in parts])
        )
        if self.scheme is Scheme.INT8_BLOCK:
            return self._by_block(name, source, weight, bias)
        if self.scheme is Scheme.INT8_TENSOR:
            integers, scale = quantise_weight(weight)
            names = [
                self._add_constant(f"{name}.weight", integers),
                self._add_constant(f"{name}.scale", scale),
            ]
            inputs = [source, *names, "", bias]
            return self._add_node("DynamicQuantizeMatMul", inputs, name, domain=_MICROSOFT)
        if self.scheme is Scheme.INT8_TOKEN:
            product = self._add_linear(name, weight, source)
        else:
            exact = self._add_constant(f"{name}.weight", np.ascontiguousarray(weight.T))
            product = self._add_node("MatMul", [source, exact], f"{name}.product")
        return self._add_node("Add", [product, bias], name)

    def _by_block(self, name: str, source: str, weight: NDArray[np.float32], bias: str) -> str:
        outputs, inputs = weight.shape
        padded = np.pad(weight, ((0, 0), (0, -inputs % _BLOCK)))
        blocks = padded.reshape(outputs, -1, _BLOCK)
        scale = np.maximum(np.abs(blocks).max(axis=2), np.float32(1e-12)) / np.float32(127)
        rounded = (np.rint(blocks / scale[:, :, None]) + 128).astype(np.uint8)  # 128 is zero
        return self._add_node(
            "MatMulNBits",
            [
                source,
                self._add_constant(f"{name}.weight", rounded),
                self._add_constant(f"{name}.scale", scale),
                "",
                "",
                bias,
            ],
            name,
            domain=_MICROSOFT,
            K=inputs,
            N=outputs,
            bits=8,
            block_size=_BLOCK,
            accuracy_level=_INT8_ACTIVATIONS,
        )
