"""Build a BERT sentence encoder as an ONNX graph that computes the same bits on every processor.

The graph is built from a sentence-transformers folder. It takes one text and returns the mean over
its tokens, not normalised to unit length. Linear layers are 8-bit integer products: weights have
one scale per output, activations one per token. `index.embeddings.build.rounding` explains why
every processor computes the same bits, and docs/decisions/int8-encoder.md why that is needed. The
operators of the domain `com.microsoft` are ONNX Runtime's own. The word embeddings, four fifths of
the weights, are not copied: the graph refers to `model.safetensors`, which ONNX Runtime maps into
memory.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from index.embeddings.build.rounding import (
    CENTRE,
    GELU_INPUT_BITS,
    GELU_OUTPUT_BITS,
    GELU_SHIFT,
    KEY_BITS,
    LOGIT_BITS,
    PROBABILITY_STEP,
    QUERY_BITS,
    VALUE_BITS,
    quantise_weight,
    round_to_grid,
    rounding_constant,
)
from index.embeddings.build.safetensors_file import SafetensorsFile
from index.embeddings.token_projection import PROJECTION_FILE, TokenProjection
from index.errors import ModelError

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto, TensorProto


GRAPH_FILE = "encoder.onnx"
WEIGHTS_FILE = "model.safetensors"

TOKEN_OUTPUTS = ("token_vectors", "token_importance")
"""Outputs of a graph with a token projection."""

_MICROSOFT = "com.microsoft"
_OPSETS = {"": 21, _MICROSOFT: 1}
_IR_VERSION = 10


def write_graph(folder: Path) -> Path:
    """Write `encoder.onnx` beside the weights in `folder` and return its path.

    Input `input_ids`, int64 (tokens,); output `mean`, float32 (hidden,). If the folder has a token
    projection, further outputs are `token_vectors`, float32 (tokens, k), not of unit length, and
    `token_importance`, float32 (tokens, 1), before its bias.

    Raises `ModelError` if the encoder is not a BERT with mean pooling.
    """
    config = json.loads((folder / "config.json").read_text("utf-8"))
    pooling = json.loads((folder / "1_Pooling" / "config.json").read_text("utf-8"))
    _require_bert(config, pooling)
    projection = TokenProjection.load(folder / PROJECTION_FILE)
    path = folder / GRAPH_FILE
    path.write_bytes(
        BertGraph(config, SafetensorsFile(folder / WEIGHTS_FILE))
        .build(projection)
        .SerializeToString()
    )
    return path


def _require_bert(config: dict[str, Any], pooling: dict[str, Any]) -> None:
    """Raise `ModelError`, naming what differs, if the model is not a BERT with mean pooling."""
    checks = {
        "model_type": config.get("model_type") == "bert",
        "hidden_act": config.get("hidden_act", "gelu") == "gelu",
        "position_embedding_type": config.get("position_embedding_type", "absolute") == "absolute",
        "pooling_mode": pooling.get("pooling_mode") == "mean",
    }
    failed = [key for key, is_right in checks.items() if not is_right]
    if failed:
        raise ModelError(
            "The onnx runtime supports BERT encoders with mean pooling; "
            f"this model differs in {', '.join(failed)}",
            "Set embedding.runtime to torch",
        )


def _mapped_tensor(weights: SafetensorsFile, name: str) -> TensorProto:
    """Return a constant that refers to its values in the weights file (external data)."""
    from onnx import TensorProto

    offset, length = weights.byte_range(name)
    tensor = TensorProto(
        name=name,
        dims=weights.shape(name),
        data_type=TensorProto.FLOAT,
        data_location=TensorProto.EXTERNAL,
    )
    for key, value in (("location", WEIGHTS_FILE), ("offset", offset), ("length", length)):
        tensor.external_data.add(key=key, value=str(value))
    return tensor


class BertGraph:
    """Builder of the graph: collects nodes and constants, named as in the checkpoint.

    The `_add_…` methods return the name of the output of the nodes that they add.
    """

    def __init__(self, config: dict[str, Any], weights: SafetensorsFile) -> None:
        self.weights = weights
        self.layer_count: int = config["num_hidden_layers"]
        self.hidden_size: int = config["hidden_size"]
        self.head_count: int = config["num_attention_heads"]
        self.head_size = self.hidden_size // self.head_count
        self.epsilon = float(config.get("layer_norm_eps", 1e-12))
        self.nodes: list[NodeProto] = []
        self.constants: dict[str, TensorProto] = {}

    def build(self, projection: TokenProjection | None = None) -> ModelProto:
        """Return the complete model."""
        from onnx import TensorProto, helper

        self._add_shared_constants()
        state = self._add_embeddings()
        for layer in range(self.layer_count):
            state = self._add_layer(f"encoder.layer.{layer}", state)
        self._add_node(
            "ReduceMean", [state, self._add_constant("axis.tokens", [0])], "mean", keepdims=0
        )
        outputs = [helper.make_tensor_value_info("mean", TensorProto.FLOAT, [self.hidden_size])]
        if projection:
            self._add_token_projection(projection)
            widths = (projection.matrix.shape[1], 1)
            outputs += [
                helper.make_tensor_value_info(name, TensorProto.FLOAT, ["tokens", width])
                for name, width in zip(TOKEN_OUTPUTS, widths, strict=True)
            ]
        graph = helper.make_graph(
            self.nodes,
            "bert",
            [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["tokens"])],
            outputs,
            list(self.constants.values()),
        )
        opsets = [helper.make_opsetid(domain, version) for domain, version in _OPSETS.items()]
        return helper.make_model(graph, opset_imports=opsets, ir_version=_IR_VERSION)

    def _add_shared_constants(self) -> None:
        self._add_constant("axis.last", [-1])
        self._add_constant("one", np.float32(1))
        self._add_constant("largest.signed", np.float32(127))
        self._add_constant("largest.unsigned", np.float32(255))
        self._add_constant("centre", np.uint8(CENTRE))
        self._add_constant("epsilon", np.float32(self.epsilon * self.hidden_size))
        self._add_constant("heads.shape", [-1, 3, self.head_count, self.head_size])
        self._add_constant("state.shape", [-1, self.hidden_size])
        self._add_constant("sums.split", [self.head_size, 1])
        self._add_constant("probability.step", np.float32(PROBABILITY_STEP))
        logit = self._add_constant("logit.rounding", rounding_constant(LOGIT_BITS))
        self._add_constant(f"{logit}.twice", 2 * rounding_constant(LOGIT_BITS))
        bits = (QUERY_BITS, KEY_BITS, VALUE_BITS)
        attention = np.repeat(np.array([*map(rounding_constant, bits)]), self.hidden_size)
        self._add_constant("attention.rounding", attention)
        self._add_constant("gelu.rounding", rounding_constant(GELU_INPUT_BITS))
        gelu = rounding_constant(GELU_OUTPUT_BITS)
        self._add_constant("gelu.rounding.output", gelu)
        self._add_constant("gelu.rounding.output.shifted", gelu - np.float32(GELU_SHIFT))

    def _add_embeddings(self) -> str:
        word_embeddings = "embeddings.word_embeddings.weight"
        self.constants[word_embeddings] = _mapped_tensor(self.weights, word_embeddings)
        positions = self.weights["embeddings.position_embeddings.weight"]
        token_types = self.weights["embeddings.token_type_embeddings.weight"]
        self._add_constant(
            "positions", positions + token_types[0]
        )  # every token is of the first type
        self._add_node("Shape", ["input_ids"], "length")
        self._add_node(
            "Slice", ["positions", self._add_constant("zero", [0]), "length"], "position"
        )
        self._add_node("Gather", [word_embeddings, "input_ids"], "word")
        self._add_fill("centres", "length", CENTRE)
        self._add_node(
            "Concat",
            [
                self._add_constant("heads", [1, self.head_count]),
                "length",
                self._add_constant("column", [1]),
            ],
            "ones.shape",
            axis=0,
        )
        self._add_fill("ones", "ones.shape", CENTRE + 1)
        summed = self._add_node("Add", ["word", "position"], "embedded")
        return self._add_layer_norm("embeddings", summed)

    def _add_layer(self, name: str, state: str) -> str:
        state = self._add_attention(f"{name}.attention", state)
        inner, outer = f"{name}.intermediate.dense", f"{name}.output.dense"
        bias = round_to_grid(self.weights[f"{inner}.bias"], GELU_INPUT_BITS)
        product = self._add_linear(inner, self.weights[f"{inner}.weight"], state)
        addend = self._add_constant(f"{inner}.raised", bias + rounding_constant(GELU_INPUT_BITS))
        rounded = self._add_rounding(inner, product, addend, "gelu.rounding")
        activated = self._add_rounding(
            f"{inner}.gelu",
            self._add_node("Gelu", [rounded], f"{inner}.gelu.exact"),
            "gelu.rounding.output",
            "gelu.rounding.output.shifted",
        )
        weight = self.weights[f"{outer}.weight"]
        shift = GELU_SHIFT * weight.sum(axis=1, dtype=np.float64)
        bias = np.asarray(self.weights[f"{outer}.bias"] - shift, np.float32)
        update = self._add_linear(outer, weight, activated, signed=False)
        return self._add_residual(f"{name}.output", update, bias, state)

    def _add_token_projection(self, projection: TokenProjection) -> None:
        """Add the tokens' projections and importance: a linear layer over the states of layers."""
        names = [f"encoder.layer.{layer}.output" for layer in projection.layers]
        states = self._add_node("Concat", names, "projection.states", axis=-1)
        mean = self._add_constant("projection.mean", projection.mean)
        centred = self._add_node("Sub", [states, mean], "projection.centred")
        factor = self._add_constant("projection.factor", np.float32(1) / projection.scale)
        scaled = self._add_node("Mul", [centred, factor], "projection.scaled")
        weight = np.concatenate([projection.matrix.T, projection.importance[None]])
        product = self._add_linear("projection", weight, scaled)
        widths = self._add_constant("projection.split", [projection.matrix.shape[1], 1])
        self._add_node("Split", [product, widths], *TOKEN_OUTPUTS, axis=-1)

    def _add_attention(self, name: str, state: str) -> str:
        """Add one layer's attention: logits in floats, probabilities and values in bytes."""
        query, key, value = self._add_projections(name, state)
        logits = self._add_node(
            "FusedMatMul", [query, key], f"{name}.logits", domain=_MICROSOFT, transB=1
        )
        probability = self._add_probabilities(name, logits)
        value, scale = self._add_quantised_values(name, value)
        sums = self._add_node(
            "MatMulInteger", [probability, value, "", "centre"], f"{name}.sums.integer"
        )
        sums = self._add_node("Cast", [sums], f"{name}.sums", to=1)
        self._add_node("Split", [sums, "sums.split"], f"{name}.sum", f"{name}.total", axis=-1)
        mean = self._add_node("Div", [f"{name}.sum", f"{name}.total"], f"{name}.mean")
        mean = self._add_node("Mul", [mean, scale], f"{name}.context.heads")
        mean = self._add_node("Transpose", [mean], f"{name}.context.tokens", perm=[0, 2, 1, 3])
        context = self._add_node("Reshape", [mean, "state.shape"], f"{name}.context")
        dense = f"{name}.output.dense"
        update = self._add_linear(dense, self.weights[f"{dense}.weight"], context)
        return self._add_residual(f"{name}.output", update, self.weights[f"{dense}.bias"], state)

    def _add_projections(self, name: str, state: str) -> list[str]:
        """Add the three projections of `state` and return queries, keys and values by head.

        Each is (1, heads, tokens, head size).
        """
        parts = [f"{name}.self.{part}" for part in ("query", "key", "value")]
        weights = [self.weights[f"{part}.weight"] for part in parts]
        biases = [self.weights[f"{part}.bias"] for part in parts]
        root = np.float32(np.sqrt(self.head_size))
        weights[0], biases[0] = weights[0] / root, biases[0] / root
        bits = (QUERY_BITS, KEY_BITS, VALUE_BITS)
        addends = np.concatenate(
            [
                round_to_grid(bias, precision) + rounding_constant(precision)
                for bias, precision in zip(biases, bits, strict=True)
            ]
        )
        product = self._add_linear(f"{name}.self", np.concatenate(weights), state)
        addend = self._add_constant(f"{name}.self.raised", addends)
        rounded = self._add_rounding(f"{name}.self", product, addend, "attention.rounding")
        split = self._add_node("Reshape", [rounded, "heads.shape"], f"{name}.self.split")
        by_head = self._add_node("Transpose", [split], f"{name}.self.heads", perm=[1, 2, 0, 3])
        self._add_node("Split", [by_head], *parts, axis=0, num_outputs=3)
        return parts

    def _add_probabilities(self, name: str, logits: str) -> str:
        """Add exp(logit - highest logit of the row), quantised to bytes.

        The highest logit h is rounded first. With the rounding constant c, the rounded difference
        is r(x - h) = ((x + (c - h)) - c).
        """
        highest = self._add_node("ReduceMax", [logits, "axis.last"], f"{name}.highest")
        shifted_highest = self._add_node(
            "Add", [highest, "logit.rounding"], f"{name}.highest.raised"
        )
        addend = self._add_node("Sub", ["logit.rounding.twice", shifted_highest], f"{name}.offset")
        distance = self._add_rounding(f"{name}.distance", logits, addend, "logit.rounding")
        exp = self._add_node("Exp", [distance], f"{name}.exp")
        return self._add_node("QuantizeLinear", [exp, "probability.step"], f"{name}.probability")

    def _add_quantised_values(self, name: str, value: str) -> tuple[str, str]:
        """Add the values as bytes, with a column of ones that sums the probabilities.

        Return the names of the values and of their scale.
        """
        magnitude = self._add_node("Abs", [value], f"{name}.value.size")
        largest = self._add_node("ReduceMax", [magnitude], f"{name}.value.largest", keepdims=0)
        scale = self._add_node("Div", [largest, "largest.signed"], f"{name}.value.scale")
        quantised = self._add_node(
            "QuantizeLinear", [value, scale, "centre"], f"{name}.value.bytes"
        )
        return self._add_node("Concat", [quantised, "ones"], f"{name}.value.summed", axis=-1), scale

    def _add_linear(
        self, name: str, weight: NDArray[np.float32], source: str, *, signed: bool = True
    ) -> str:
        """Add `source @ weight.T` with both in 8 bits; source (tokens, in), weight (out, in).

        Each token has its own scale. `signed=False` requires that no value of `source` is negative.
        """
        integers, scale = quantise_weight(weight)
        magnitude = self._add_node("Abs", [source], f"{name}.size") if signed else source
        largest = self._add_node("ReduceMax", [magnitude, "axis.last"], f"{name}.largest")
        limit = "largest.signed" if signed else "largest.unsigned"
        scale_column = self._add_node("Div", [largest, limit], f"{name}.tokens.scale.column")
        scales = self._add_node("Squeeze", [scale_column, "axis.last"], f"{name}.tokens.scale")
        zeros = ["centres"] if signed else []
        quantised = self._add_node(
            "QuantizeLinear", [source, scales, *zeros], f"{name}.tokens", axis=0
        )
        product = self._add_node(
            "MatMulIntegerToFloat",
            [
                quantised,
                self._add_constant(f"{name}.weight", integers),
                "one",
                self._add_constant(f"{name}.scale", scale),
                *(["centre"] if signed else []),
            ],
            f"{name}.product.unscaled",
            domain=_MICROSOFT,
        )
        return self._add_node("Mul", [product, scale_column], f"{name}.product")

    def _add_rounding(self, name: str, source: str, addend: str, constant: str) -> str:
        """Add `(source + addend) - constant`: see `rounding_constant`."""
        added = self._add_node("Add", [source, addend], f"{name}.sum.raised")
        return self._add_node("Sub", [added, constant], f"{name}.rounded")

    def _add_residual(self, name: str, update: str, bias: NDArray[np.float32], state: str) -> str:
        biased = self._add_node(
            "Add", [update, self._add_constant(f"{name}.dense.bias", bias)], f"{name}.biased"
        )
        return self._add_layer_norm(
            name, self._add_node("Add", [biased, state], f"{name}.residual")
        )

    def _add_layer_norm(self, name: str, source: str) -> str:
        """Add layer normalisation from basic operators: ONNX Runtime's differs between processors.

        With d = x - mean(x) over n values it is
        d / sqrt(sum(d²) + n·epsilon) · (weight·sqrt(n)) + bias.
        """
        norm = f"{name}.LayerNorm"
        weight = self.weights[f"{norm}.weight"] * np.float32(np.sqrt(self.hidden_size))
        mean = self._add_node("ReduceMean", [source, "axis.last"], f"{norm}.mean")
        centred = self._add_node("Sub", [source, mean], f"{norm}.centred")
        squares = self._add_node("ReduceSumSquare", [centred, "axis.last"], f"{norm}.squares")
        positive = self._add_node("Add", [squares, "epsilon"], f"{norm}.positive")
        length = self._add_node("Sqrt", [positive], f"{norm}.length")
        unit = self._add_node("Div", [centred, length], f"{norm}.unit")
        scaled = self._add_node(
            "Mul", [unit, self._add_constant(f"{norm}.weight", weight)], f"{norm}.scaled"
        )
        bias = self._add_constant(f"{norm}.bias", self.weights[f"{norm}.bias"])
        return self._add_node("Add", [scaled, bias], name)

    def _add_fill(self, name: str, shape: str, byte: int) -> None:
        """Add a tensor of the given shape in which every element is `byte`."""
        from onnx import TensorProto, helper

        value = helper.make_tensor(f"{name}.value", TensorProto.UINT8, [1], [byte])
        self._add_node("ConstantOfShape", [shape], name, value=value)

    def _add_node(
        self, op_type: str, inputs: Sequence[str], *outputs: str, **attributes: Any
    ) -> str:
        from onnx.helper import make_node

        self.nodes.append(make_node(op_type, inputs, outputs, **attributes))
        return outputs[0]

    def _add_constant(self, name: str, value: NDArray[np.generic] | np.generic | list[int]) -> str:
        from onnx.numpy_helper import from_array

        array = np.array(value, np.int64) if isinstance(value, list) else np.asarray(value)
        self.constants[name] = from_array(np.ascontiguousarray(array).reshape(array.shape), name)
        return name
