"""A BERT sentence encoder as an ONNX graph that gives the same vector on every processor.

The graph is built from a sentence-transformers folder, reads one text, and ends in the mean over
its tokens, not yet of unit length. Linear layers are products of integers: weights have one scale
for each output, activations one for each token. What makes every processor compute the same bits
is explained in `rounding`; the operators of the domain `com.microsoft` are ONNX Runtime's own.
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
    on_grid,
    quantised_weight,
    rounding_constant,
)
from index.embeddings.build.safetensors_file import SafetensorsFile
from index.errors import ModelError

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto, TensorProto

GRAPH = "encoder.onnx"
WEIGHTS = "model.safetensors"

_MICROSOFT = "com.microsoft"
_OPSETS = {"": 21, _MICROSOFT: 1}
_IR_VERSION = 10


def write_graph(folder: Path) -> Path:
    """Write `encoder.onnx` beside the weights in `folder` and return its path.

    Input `input_ids`, int64 (tokens,); output `mean`, float32 (hidden,).
    Raises ModelError when the encoder is not a BERT with mean pooling.
    """
    config = json.loads((folder / "config.json").read_text("utf-8"))
    pooling = json.loads((folder / "1_Pooling" / "config.json").read_text("utf-8"))
    _require_bert(config, pooling)
    path = folder / GRAPH
    path.write_bytes(
        BertGraph(config, SafetensorsFile(folder / WEIGHTS)).model().SerializeToString()
    )
    return path


def _require_bert(config: dict[str, Any], pooling: dict[str, Any]) -> None:
    """Raise ModelError, naming what differs, when the model is not a BERT with mean pooling."""
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


def _mapped_tensor(weights: SafetensorsFile, name: str) -> TensorProto:
    """Return a constant whose values stay in the weights file."""
    from onnx import TensorProto

    offset, length = weights.place(name)
    tensor = TensorProto(
        name=name,
        dims=weights.shape(name),
        data_type=TensorProto.FLOAT,
        data_location=TensorProto.EXTERNAL,
    )
    for key, value in (("location", WEIGHTS), ("offset", offset), ("length", length)):
        tensor.external_data.add(key=key, value=str(value))
    return tensor


class BertGraph:
    """Nodes and constants gathered layer by layer; names follow the checkpoint's."""

    def __init__(self, config: dict[str, Any], weights: SafetensorsFile) -> None:
        self.weights = weights
        self.layers: int = config["num_hidden_layers"]
        self.hidden: int = config["hidden_size"]
        self.heads: int = config["num_attention_heads"]
        self.head_size = self.hidden // self.heads
        self.epsilon = float(config.get("layer_norm_eps", 1e-12))
        self.nodes: list[NodeProto] = []
        self.constants: dict[str, TensorProto] = {}

    def model(self) -> ModelProto:
        """Return the whole graph."""
        from onnx import TensorProto, helper

        self._shared_constants()
        state = self._embeddings()
        for layer in range(self.layers):
            state = self._layer(f"encoder.layer.{layer}", state)
        self._node("ReduceMean", [state, self._constant("axis.tokens", [0])], "mean", keepdims=0)
        graph = helper.make_graph(
            self.nodes,
            "bert",
            [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["tokens"])],
            [helper.make_tensor_value_info("mean", TensorProto.FLOAT, [self.hidden])],
            list(self.constants.values()),
        )
        opsets = [helper.make_opsetid(domain, version) for domain, version in _OPSETS.items()]
        return helper.make_model(graph, opset_imports=opsets, ir_version=_IR_VERSION)

    def _shared_constants(self) -> None:
        self._constant("axis.last", [-1])
        self._constant("one", np.float32(1))
        self._constant("largest.signed", np.float32(127))
        self._constant("largest.unsigned", np.float32(255))
        self._constant("centre", np.uint8(CENTRE))
        self._constant("epsilon", np.float32(self.epsilon * self.hidden))
        self._constant("heads.shape", [-1, 3, self.heads, self.head_size])
        self._constant("state.shape", [-1, self.hidden])
        self._constant("sums.split", [self.head_size, 1])
        self._constant("probability.step", np.float32(PROBABILITY_STEP))
        logit = self._constant("logit.rounding", rounding_constant(LOGIT_BITS))
        self._constant(f"{logit}.twice", 2 * rounding_constant(LOGIT_BITS))
        bits = (QUERY_BITS, KEY_BITS, VALUE_BITS)
        attention = np.repeat(np.array([*map(rounding_constant, bits)]), self.hidden)
        self._constant("attention.rounding", attention)
        self._constant("gelu.rounding", rounding_constant(GELU_INPUT_BITS))
        gelu = rounding_constant(GELU_OUTPUT_BITS)
        self._constant("gelu.rounding.output", gelu)
        self._constant("gelu.rounding.output.shifted", gelu - np.float32(GELU_SHIFT))

    def _embeddings(self) -> str:
        words = "embeddings.word_embeddings.weight"
        self.constants[words] = _mapped_tensor(self.weights, words)
        places = self.weights["embeddings.position_embeddings.weight"]
        kinds = self.weights["embeddings.token_type_embeddings.weight"]
        self._constant("positions", places + kinds[0])  # every token is of the first type
        self._node("Shape", ["input_ids"], "length")
        self._node("Slice", ["positions", self._constant("zero", [0]), "length"], "position")
        self._node("Gather", [words, "input_ids"], "word")
        self._filled("centres", "length", CENTRE)
        self._node(
            "Concat",
            [self._constant("heads", [1, self.heads]), "length", self._constant("column", [1])],
            "ones.shape",
            axis=0,
        )
        self._filled("ones", "ones.shape", CENTRE + 1)
        total = self._node("Add", ["word", "position"], "embedded")
        return self._normalised("embeddings", total)

    def _layer(self, name: str, state: str) -> str:
        state = self._attention(f"{name}.attention", state)
        inner, outer = f"{name}.intermediate.dense", f"{name}.output.dense"
        bias = on_grid(self.weights[f"{inner}.bias"], GELU_INPUT_BITS)
        product = self._product(inner, self.weights[f"{inner}.weight"], state)
        raised = self._constant(f"{inner}.raised", bias + rounding_constant(GELU_INPUT_BITS))
        rounded = self._rounded(inner, product, raised, "gelu.rounding")
        activated = self._rounded(
            f"{inner}.gelu",
            self._node("Gelu", [rounded], f"{inner}.gelu.exact"),
            "gelu.rounding.output",
            "gelu.rounding.output.shifted",
        )
        weight = self.weights[f"{outer}.weight"]
        shift = GELU_SHIFT * weight.sum(axis=1, dtype=np.float64)
        bias = np.asarray(self.weights[f"{outer}.bias"] - shift, np.float32)
        update = self._product(outer, weight, activated, signed=False)
        return self._add_and_normalise(f"{name}.output", update, bias, state)

    def _attention(self, name: str, state: str) -> str:
        """Add one layer's attention: queries and keys meet in floats, probabilities in bytes."""
        query, key, value = self._heads(name, state)
        logits = self._node(
            "FusedMatMul", [query, key], f"{name}.logits", domain=_MICROSOFT, transB=1
        )
        probability = self._probability(name, logits)
        value, scale = self._byte_values(name, value)
        sums = self._node(
            "MatMulInteger", [probability, value, "", "centre"], f"{name}.sums.integer"
        )
        sums = self._node("Cast", [sums], f"{name}.sums", to=1)
        self._node("Split", [sums, "sums.split"], f"{name}.sum", f"{name}.total", axis=-1)
        mean = self._node("Div", [f"{name}.sum", f"{name}.total"], f"{name}.mean")
        mean = self._node("Mul", [mean, scale], f"{name}.context.heads")
        mean = self._node("Transpose", [mean], f"{name}.context.tokens", perm=[0, 2, 1, 3])
        context = self._node("Reshape", [mean, "state.shape"], f"{name}.context")
        dense = f"{name}.output.dense"
        update = self._product(dense, self.weights[f"{dense}.weight"], context)
        return self._add_and_normalise(
            f"{name}.output", update, self.weights[f"{dense}.bias"], state
        )

    def _heads(self, name: str, state: str) -> list[str]:
        """Add the three projections of `state` and return queries, keys and values by head.

        Each is (1, heads, tokens, head size).
        """
        parts = [f"{name}.self.{part}" for part in ("query", "key", "value")]
        weights = [self.weights[f"{part}.weight"] for part in parts]
        biases = [self.weights[f"{part}.bias"] for part in parts]
        root = np.float32(np.sqrt(self.head_size))
        weights[0], biases[0] = weights[0] / root, biases[0] / root
        bits = (QUERY_BITS, KEY_BITS, VALUE_BITS)
        raised = np.concatenate(
            [
                on_grid(bias, each) + rounding_constant(each)
                for bias, each in zip(biases, bits, strict=True)
            ]
        )
        product = self._product(f"{name}.self", np.concatenate(weights), state)
        raised_name = self._constant(f"{name}.self.raised", raised)
        rounded = self._rounded(f"{name}.self", product, raised_name, "attention.rounding")
        split = self._node("Reshape", [rounded, "heads.shape"], f"{name}.self.split")
        by_head = self._node("Transpose", [split], f"{name}.self.heads", perm=[1, 2, 0, 3])
        self._node("Split", [by_head], *parts, axis=0, num_outputs=3)
        return parts

    def _probability(self, name: str, logits: str) -> str:
        """Add exp of each logit's distance from its row's highest, as bytes; return their name.

        The highest is rounded first: r(x - h) = ((x + (c - h)) - c), where c rounds.
        """
        highest = self._node("ReduceMax", [logits, "axis.last"], f"{name}.highest")
        raised = self._node("Add", [highest, "logit.rounding"], f"{name}.highest.raised")
        offset = self._node("Sub", ["logit.rounding.twice", raised], f"{name}.offset")
        distance = self._rounded(f"{name}.distance", logits, offset, "logit.rounding")
        exp = self._node("Exp", [distance], f"{name}.exp")
        return self._node("QuantizeLinear", [exp, "probability.step"], f"{name}.probability")

    def _byte_values(self, name: str, value: str) -> tuple[str, str]:
        """Add the values as bytes with one scale, and a column of ones to sum probabilities."""
        size = self._node("Abs", [value], f"{name}.value.size")
        largest = self._node("ReduceMax", [size], f"{name}.value.largest", keepdims=0)
        scale = self._node("Div", [largest, "largest.signed"], f"{name}.value.scale")
        byte = self._node("QuantizeLinear", [value, scale, "centre"], f"{name}.value.bytes")
        return self._node("Concat", [byte, "ones"], f"{name}.value.summed", axis=-1), scale

    def _product(
        self, name: str, weight: NDArray[np.float32], source: str, *, signed: bool = True
    ) -> str:
        """Add `source @ weight.T` with both in eight bits, source (tokens, in), weight (out, in).

        Each token has a scale of its own. Where `signed` is false no value of `source` is negative.
        """
        integers, scale = quantised_weight(weight)
        size = self._node("Abs", [source], f"{name}.size") if signed else source
        largest = self._node("ReduceMax", [size, "axis.last"], f"{name}.largest")
        limit = "largest.signed" if signed else "largest.unsigned"
        by_token = self._node("Div", [largest, limit], f"{name}.tokens.scale.column")
        scales = self._node("Squeeze", [by_token, "axis.last"], f"{name}.tokens.scale")
        zeros = ["centres"] if signed else []
        byte = self._node("QuantizeLinear", [source, scales, *zeros], f"{name}.tokens", axis=0)
        product = self._node(
            "MatMulIntegerToFloat",
            [
                byte,
                self._constant(f"{name}.weight", integers),
                "one",
                self._constant(f"{name}.scale", scale),
                *(["centre"] if signed else []),
            ],
            f"{name}.product.unscaled",
            domain=_MICROSOFT,
        )
        return self._node("Mul", [product, by_token], f"{name}.product")

    def _rounded(self, name: str, source: str, raised: str, constant: str) -> str:
        """Add `(source + raised) - constant`: see `rounding_constant`."""
        added = self._node("Add", [source, raised], f"{name}.sum.raised")
        return self._node("Sub", [added, constant], f"{name}.rounded")

    def _add_and_normalise(
        self, name: str, update: str, bias: NDArray[np.float32], state: str
    ) -> str:
        biased = self._node(
            "Add", [update, self._constant(f"{name}.dense.bias", bias)], f"{name}.biased"
        )
        return self._normalised(name, self._node("Add", [biased, state], f"{name}.residual"))

    def _normalised(self, name: str, source: str) -> str:
        """Add layer normalisation; ONNX Runtime's own differs between processors.

        With d = x - mean(x) over n values it is
        d / sqrt(sum(d²) + n·epsilon) · (weight·sqrt(n)) + bias.
        """
        norm = f"{name}.LayerNorm"
        weight = self.weights[f"{norm}.weight"] * np.float32(np.sqrt(self.hidden))
        mean = self._node("ReduceMean", [source, "axis.last"], f"{norm}.mean")
        centred = self._node("Sub", [source, mean], f"{norm}.centred")
        squares = self._node("ReduceSumSquare", [centred, "axis.last"], f"{norm}.squares")
        positive = self._node("Add", [squares, "epsilon"], f"{norm}.positive")
        length = self._node("Sqrt", [positive], f"{norm}.length")
        unit = self._node("Div", [centred, length], f"{norm}.unit")
        scaled = self._node(
            "Mul", [unit, self._constant(f"{norm}.weight", weight)], f"{norm}.scaled"
        )
        bias = self._constant(f"{norm}.bias", self.weights[f"{norm}.bias"])
        return self._node("Add", [scaled, bias], name)

    def _filled(self, name: str, shape: str, byte: int) -> None:
        """Add a tensor of `shape` whose every element is `byte`."""
        from onnx import TensorProto, helper

        value = helper.make_tensor(f"{name}.value", TensorProto.UINT8, [1], [byte])
        self._node("ConstantOfShape", [shape], name, value=value)

    def _node(self, kind: str, inputs: Sequence[str], *outputs: str, **attributes: Any) -> str:
        from onnx.helper import make_node

        self.nodes.append(make_node(kind, inputs, outputs, **attributes))
        return outputs[0]

    def _constant(self, name: str, value: NDArray[np.generic] | np.generic | list[int]) -> str:
        from onnx.numpy_helper import from_array

        array = np.array(value, np.int64) if isinstance(value, list) else np.asarray(value)
        self.constants[name] = from_array(np.ascontiguousarray(array).reshape(array.shape), name)
        return name
