"""A BERT sentence encoder as an ONNX graph, built from its sentence-transformers folder.

The graph runs ONNX Runtime's fused operators (domain `com.microsoft`) and ends in the mean over
tokens, not yet of unit length. It knows no padding: the texts of one call have equal lengths.
The word embeddings, four fifths of the weights, are not copied: the graph points into
`model.safetensors`, which ONNX Runtime maps into memory.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from index.errors import ModelError
from index.model.quantisation import Scheme, linear
from index.model.safetensors_file import Tensors

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto, TensorProto

GRAPH = "encoder.onnx"
WEIGHTS = "model.safetensors"

_MICROSOFT = "com.microsoft"
_OPSETS = {"": 20, _MICROSOFT: 1}
_IR_VERSION = 9


def write_graph(folder: Path, scheme: Scheme) -> Path:
    """Write `encoder.onnx` beside the weights in `folder` and return its path.

    Input `input_ids`, int64 (batch, tokens); output `mean`, float32 (batch, hidden).
    Raises ModelError when the encoder is not a BERT with mean pooling.
    """
    config = json.loads((folder / "config.json").read_text("utf-8"))
    pooling = json.loads((folder / "1_Pooling" / "config.json").read_text("utf-8"))
    _require_bert(config, pooling)
    path = folder / GRAPH
    path.write_bytes(_Bert(config, Tensors(folder / WEIGHTS), scheme).model().SerializeToString())
    return path


def _require_bert(config: dict[str, Any], pooling: dict[str, Any]) -> None:
    right = {
        "model_type": config.get("model_type") == "bert",
        "hidden_act": config.get("hidden_act", "gelu") == "gelu",
        "position_embedding_type": config.get("position_embedding_type", "absolute") == "absolute",
        "pooling_mode": pooling.get("pooling_mode") == "mean",
    }
    wrong = [key for key, is_right in right.items() if not is_right]
    if wrong:
        raise ModelError(
            "The onnx runtime knows BERT encoders with mean pooling; "
            f"this one differs in {', '.join(wrong)}",
            "Set embedding.runtime to torch",
        )


class _Bert:
    """Nodes and constants gathered layer by layer; names follow the checkpoint's."""

    def __init__(self, config: dict[str, Any], weights: Tensors, scheme: Scheme) -> None:
        self.config = config
        self.weights = weights
        self.scheme = scheme
        self.epsilon = float(config.get("layer_norm_eps", 1e-12))
        self.nodes: list[NodeProto] = []
        self.constants: list[TensorProto] = []

    def model(self) -> ModelProto:
        from onnx import TensorProto, helper

        state = self._embeddings()
        for layer in range(self.config["num_hidden_layers"]):
            state = self._layer(f"encoder.layer.{layer}", state)
        self._constant("tokens", np.array([1], np.int64))
        self._node("ReduceMean", [state, "tokens"], "mean", keepdims=0)
        graph = helper.make_graph(
            self.nodes,
            "bert",
            [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch", "tokens"])],
            [
                helper.make_tensor_value_info(
                    "mean", TensorProto.FLOAT, ["batch", self.config["hidden_size"]]
                )
            ],
            self.constants,
        )
        opsets = [helper.make_opsetid(domain, version) for domain, version in _OPSETS.items()]
        return helper.make_model(graph, opset_imports=opsets, ir_version=_IR_VERSION)

    def _embeddings(self) -> str:
        words = "embeddings.word_embeddings.weight"
        self._mapped(words)
        places = self.weights["embeddings.position_embeddings.weight"]
        kinds = self.weights["embeddings.token_type_embeddings.weight"]
        self._constant("positions", places + kinds[0])  # every token is of the first type
        self._constant("zero", np.array([0], np.int64))
        self._node("Shape", ["input_ids"], "length", start=1, end=2)
        self._node("Slice", ["positions", "zero", "length"], "position")
        self._node("Gather", [words, "input_ids"], "word")
        self._node("Add", ["word", "position"], "embedded")
        norm = self._norm_constants("embeddings.LayerNorm")
        return self._node(
            "LayerNormalization", ["embedded", *norm], "embeddings", epsilon=self.epsilon
        )

    def _layer(self, name: str, state: str) -> str:
        attention, output = f"{name}.attention", f"{name}.attention.output"
        parts = [f"{attention}.self.{part}" for part in ("query", "key", "value")]
        fused = self._linear(f"{attention}.self", parts, state)
        self._node("Split", [fused], *parts, axis=-1, num_outputs=3)
        self._node(
            "MultiHeadAttention",
            parts,
            attention,
            domain=_MICROSOFT,
            num_heads=self.config["num_attention_heads"],
        )
        dense = self._linear(f"{output}.dense", [f"{output}.dense"], attention)
        state = self._add_and_norm(output, dense, state)
        inner, outer = f"{name}.intermediate.dense", f"{name}.output.dense"
        activated = self._node("Gelu", [self._linear(inner, [inner], state)], f"{inner}.gelu")
        return self._add_and_norm(f"{name}.output", self._linear(outer, [outer], activated), state)

    def _linear(self, name: str, parts: Sequence[str], source: str) -> str:
        """Add `source @ W.T + b`, the parts' weights and biases stacked into one product."""
        weight = np.concatenate([self.weights[f"{part}.weight"] for part in parts])
        bias = np.concatenate([self.weights[f"{part}.bias"] for part in parts])
        nodes, constants = linear(self.scheme, name, source, weight, bias)
        self.nodes.extend(nodes)
        for key, value in constants.items():
            self._constant(key, value)
        return name

    def _add_and_norm(self, name: str, update: str, state: str) -> str:
        norm = self._norm_constants(f"{name}.LayerNorm")
        inputs = [update, state, *norm]
        return self._node(
            "SkipLayerNormalization", inputs, name, domain=_MICROSOFT, epsilon=self.epsilon
        )

    def _norm_constants(self, name: str) -> list[str]:
        return [
            self._constant(key, self.weights[key]) for key in (f"{name}.weight", f"{name}.bias")
        ]

    def _node(self, kind: str, inputs: Sequence[str], *outputs: str, **attributes: Any) -> str:
        from onnx.helper import make_node

        self.nodes.append(make_node(kind, inputs, outputs, **attributes))
        return outputs[0]

    def _constant(self, name: str, value: NDArray[np.generic]) -> str:
        from onnx.numpy_helper import from_array

        self.constants.append(from_array(np.ascontiguousarray(value), name))
        return name

    def _mapped(self, name: str) -> None:
        """Add a constant whose values stay in the weights file."""
        from onnx import TensorProto

        offset, length = self.weights.place(name)
        tensor = TensorProto(
            name=name,
            dims=self.weights.shape(name),
            data_type=TensorProto.FLOAT,
            data_location=TensorProto.EXTERNAL,
        )
        for key, value in (("location", WEIGHTS), ("offset", offset), ("length", length)):
            tensor.external_data.add(key=key, value=str(value))
        self.constants.append(tensor)
