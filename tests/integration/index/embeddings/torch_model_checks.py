"""Tests of models that torch runs or writes; `test_onnx_graph.py` runs them in a process of their own.

A tiny model with random weights represents all models but the default one.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest

from index.embeddings.build.onnx_graph import write_graph
from index.embeddings.embedder import load_embedder
from index.errors import ModelError

WORDS = ["the", "old", "bridge", "over", "river", "silver", "is", "closed", "who", "why", "open"]
WORDS += ["جسر", "نهر", "مغلق", "متى"]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a BERT of 2 layers and dimension 32 for 16 tokens, with its own prompts."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.base.modules import Transformer
    from sentence_transformers.sentence_transformer.modules import Pooling
    from tokenizers import Tokenizer, models, pre_tokenizers
    from tokenizers.processors import TemplateProcessing
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    vocabulary = {
        word: index
        for index, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "ask", "read", *WORDS])
    }
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    torch.manual_seed(7)
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=16,
        initializer_range=0.4,
    )
    bare = tmp_path_factory.mktemp("bare")
    BertModel(config).save_pretrained(bare)
    make_tokenizer: Any = PreTrainedTokenizerFast  # its initialiser has no annotations
    make_tokenizer(
        tokenizer_object=tokenizer,
        model_max_length=16,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
    ).save_pretrained(bare)
    folder = tmp_path_factory.mktemp("tiny")
    model = SentenceTransformer(
        modules=[Transformer(str(bare)), Pooling(32, "mean")],
        prompts={"query": "ask ", "document": "read "},
        device="cpu",
    )
    model.save_pretrained(str(folder))
    return folder


def pooled(folder: Path, ids: list[int]) -> Any:
    session = onnxruntime.InferenceSession(folder / "encoder.onnx")
    return session.run(None, {"input_ids": np.array(ids, np.int64)})[0]


@pytest.mark.parametrize("text", ["who closed the old silver bridge", "river", ""])
def test_a_graph_pools_to_nearly_what_torch_pools_to(tiny: Path, text: str) -> None:
    from sentence_transformers import SentenceTransformer

    write_graph(tiny)
    model = SentenceTransformer(str(tiny), device="cpu")
    found = pooled(tiny, model.tokenizer(text)["input_ids"])
    wanted = model.encode(text)
    assert found @ wanted / np.linalg.norm(found) / np.linalg.norm(wanted) >= 0.99


@pytest.mark.parametrize(
    ("file", "key", "value"),
    [
        ("config.json", "model_type", "roberta"),
        ("config.json", "hidden_act", "relu"),
        ("1_Pooling/config.json", "pooling_mode", "cls"),
    ],
)
def test_another_architecture_is_refused(
    tiny: Path, tmp_path: Path, file: str, key: str, value: str
) -> None:
    for name in ("config.json", "1_Pooling/config.json"):
        content = json.loads((tiny / name).read_text("utf-8"))
        if name == file:
            content[key] = value
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(json.dumps(content))
    with pytest.raises(ModelError, match=key):
        write_graph(tmp_path)


def test_another_model_is_read_with_its_own_prompts(tiny: Path, tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer

    embedder = load_embedder(str(tiny), tmp_path)
    model = SentenceTransformer(str(tiny), device="cpu")
    texts = ["who closed the bridge", "متى جسر", "river"]
    for found, prompt in (
        (embedder.embed_questions(texts), "ask "),
        (embedder.embed_passages(texts), "read "),
    ):
        wanted = model.encode(texts, prompt=prompt, normalize_embeddings=True)
        assert found == pytest.approx(wanted, abs=1e-5)
    assert embedder.dimension == 32
    assert embedder.embed_passages([]).shape == (0, 32)


def test_another_models_long_text_is_the_weighted_mean_of_its_windows(
    tiny: Path, tmp_path: Path
) -> None:
    from sentence_transformers import SentenceTransformer

    embedder = load_embedder(str(tiny), tmp_path)
    model = SentenceTransformer(str(tiny), device="cpu")
    words = [*WORDS, *WORDS[:4]]  # with "read" 20 content tokens: 14 in a window, then 6
    means = model.encode([" ".join(["read", *words[:13]]), " ".join(words[13:])])
    wanted = 14 * means[0] + 6 * means[1]
    assert len(words) == 19
    assert embedder.count_tokens(" ".join(words)) == 21
    (found,) = embedder.embed_passages([" ".join(words)])
    assert found == pytest.approx(wanted / np.linalg.norm(wanted), abs=1e-5)


def test_other_prompts_or_weights_make_another_fingerprint(tiny: Path, tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer

    def saved(name: str, model: Any) -> str:
        model.save_pretrained(str(tmp_path / name))
        return load_embedder(str(tmp_path / name), tmp_path).fingerprint

    model = SentenceTransformer(str(tiny), device="cpu")
    same = saved("same", model)
    model.prompts["query"] = "why "
    prompted = saved("prompted", model)
    next(model.parameters()).data += 1
    heavier = saved("heavier", model)
    assert same == load_embedder(str(tiny), tmp_path).fingerprint
    assert len({same, prompted, heavier}) == 3


def test_a_folder_that_is_no_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "modules.json").write_text("[]")
    with pytest.raises(ModelError, match=r"embedding\.model"):
        load_embedder(str(tmp_path), tmp_path)
