"""Train the projection of token states on one half of the articles, and report on the other.

    python -m bench.retrieval.train_token_projection $BRIEFING_EVAL_DIR [--dimension 128] [--write]

The model stays as it is: only the projection of its states (`index/embeddings/token_projection.py`)
and the importance of a question's tokens are trained, in minutes on two cores. A question shall be
nearer to its own passages than to others; the others are those that the passage vectors put first,
and those of the other questions of the batch. Trained on: `arcd`, `libya`, `ntrex` and `xquad-a`,
the half of their articles that nothing is reported on, and headlines of `arabic-news-2018` as
questions about the first passages of their articles.

Prints R@1 by the token vectors alone on the other half: with the principal components and equal
importance, with the vectors of layer 9 as they are, and trained. `--write` stores what was trained
in `index/embeddings/fitted/`.
"""

from __future__ import annotations

import argparse
import math
import random
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import normalize, softplus

from bench.data.evaluation_sets import articles, half, questions
from bot.settings import load_boilerplate, load_settings
from index.embeddings.build.onnx_graph import GRAPH_FILE, WEIGHTS_FILE
from index.embeddings.build.prepare import DEFAULT_MODEL, prepare
from index.embeddings.prompts import Prompts
from index.embeddings.token_projection import TokenProjection, fitted_path
from index.models import Draft
from index.passage_embedding import PassageContext
from index.text.boilerplate import BoilerplateRules, find_story_body
from index.text.segmentation.passages import split_passages

LAYERS = (9, 11)
"""The third layer from the end, best within a language, and the last, best across languages."""
SETS = {
    "arcd": ("arcd",),
    "libya": ("libya",),
    "ntrex.ar": ("ntrex.ar", "ntrex.en", "ntrex.fr"),
    "ntrex.en": ("ntrex.ar", "ntrex.en", "ntrex.fr"),
    "ntrex.fr": ("ntrex.ar", "ntrex.en", "ntrex.fr"),
    "xquad.ar": ("xquad.ar-ar", "xquad.en-ar"),
    "xquad.en": ("xquad.ar-en", "xquad.en-en"),
}
"""Articles of which set, and the sets of questions asked over them."""
NEWS = "news:6000"
NEWS_SKIPPED, NEWS_USED = 3000, 1800
"""The first articles are those of other benchmarks."""
MIN_HEADLINE = 25
BATCH, HARD_POOL, HARD_NEGATIVES, RATE = 16, 16, 4, 1e-3

States = NDArray[np.float16]


class Text(NamedTuple):
    """A text's token states (t, s) and the unit vector of their mean (d,)."""

    states: States
    vector: NDArray[np.float32]


class Passage(NamedTuple):
    """A passage of an article."""

    article_id: str
    text: str
    encoded: Text


class Example(NamedTuple):
    """A question with the passages that answer it and those that come close."""

    question: Text
    right: list[Passage]
    wrong: list[Passage]


class TestSet(NamedTuple):
    """Questions that nothing was trained on, with the passages that they are asked over."""

    name: str
    passages: Sequence[Passage]
    asked: Sequence[tuple[str, Text]]
    """The id of the right article, and the question."""


class Encoder:
    """The model with the states of `LAYERS` as further outputs."""

    def __init__(self, folder: Path, working: Path) -> None:
        import onnx
        import onnxruntime
        from tokenizers import Tokenizer

        graph = onnx.load(str(folder / GRAPH_FILE), load_external_data=False)
        self._outputs = [f"encoder.layer.{layer}.output" for layer in LAYERS]
        for name in self._outputs:
            graph.graph.output.append(
                onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, ["tokens", 384])
            )
        shutil.copy(folder / WEIGHTS_FILE, working)
        (working / GRAPH_FILE).write_bytes(graph.SerializeToString())
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        options.graph_optimization_level = level
        self._session = onnxruntime.InferenceSession(working / GRAPH_FILE, options)
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(512)
        self.prompts = Prompts.from_folder(folder)

    def encode(self, head: str, text: str) -> Text:
        """Encode `text` after `head`, whose tokens are left out of the states."""
        encoding = self._tokenizer.encode(head + text)
        feeds = {"input_ids": np.array(encoding.ids, np.int64)}
        *layers, mean = self._session.run([*self._outputs, "mean"], feeds)
        inside = [end > len(head) for _, end in encoding.offsets]
        states = np.concatenate(layers, axis=1)[inside or [True]].astype(np.float16)
        return Text(states, mean / np.linalg.norm(mean))


class Projection(torch.nn.Module):
    """A trainable projection of states, (s, k), and of their importance."""

    def __init__(self, sample: torch.Tensor, matrix: torch.Tensor) -> None:
        super().__init__()
        self.mean, self.scale = sample.mean(0), sample.std(0)
        self.matrix = torch.nn.Parameter(matrix.clone())
        self.importance = torch.nn.Parameter(torch.zeros(sample.shape[1]))
        self.bias = torch.nn.Parameter(torch.tensor(0.5))
        self.temperature = torch.nn.Parameter(torch.tensor(math.log(20.0)))

    def vectors(self, states: torch.Tensor) -> torch.Tensor:
        """Return unit vectors (…, k) of states (…, s)."""
        return normalize((states - self.mean) @ self.matrix, dim=-1)

    def weights(self, states: torch.Tensor) -> torch.Tensor:
        """Return the importance of a question's tokens, (t,); the sum is 1."""
        weights = softplus((states - self.mean) @ self.importance + self.bias)
        return weights / weights.sum()

    def to_fitted(self) -> TokenProjection:
        """Return the projection as the archive uses it."""
        parts = (self.mean, self.scale, self.matrix, self.importance)
        mean, scale, matrix, importance = (part.detach().numpy() for part in parts)
        bias = float(self.bias.detach())
        return TokenProjection(
            LAYERS, mean, scale, matrix * scale[:, None], importance * scale, bias, fingerprint=""
        )

    def scores(self, asked: Sequence[Text], passages: Sequence[Passage]) -> torch.Tensor:
        """Return the mean best cosine of each question's tokens in each passage, (q, p)."""
        states = [_tensor(passage.encoded) for passage in passages]
        padded = torch.nn.utils.rnn.pad_sequence(states, batch_first=True)
        lengths = torch.tensor([len(each) for each in states])
        padding = torch.arange(padded.shape[1])[None] >= lengths[:, None]
        vectors = self.vectors(padded)
        rows = []
        for question in asked:
            tokens = _tensor(question)
            cosines = torch.einsum("tk,pnk->ptn", self.vectors(tokens), vectors)
            best = cosines.masked_fill(padding[:, None], -1.0).amax(2)
            rows.append(best @ self.weights(tokens))
        return torch.stack(rows)


def _tensor(text: Text) -> torch.Tensor:
    return torch.from_numpy(text.states.astype(np.float32))


def encode_passages(
    encoder: Encoder, drafts: Sequence[Draft], rules: BoilerplateRules, limit: int | None = None
) -> list[Passage]:
    """Encode the passages (at most the first `limit`) of each article, as the archive does."""
    jobs = []
    for draft in drafts:
        story = find_story_body(draft.text, rules)
        spans = split_passages(draft.text, story.body, story.teasers)
        context = PassageContext.for_story(draft, story.body, spans[0].start)
        for span in spans[:limit]:
            text = draft.text[span.start : span.end]
            (embedded,) = context.add_prefix(draft.text, [(span.start, span.end)])
            head = encoder.prompts.passage + embedded[: len(embedded) - len(text)]
            jobs.append((draft.id, head, text))
    with ThreadPoolExecutor(2) as pool:
        encoded = pool.map(lambda job: encoder.encode(job[1], job[2]), jobs)
        return [
            Passage(article_id, text, each)
            for (article_id, _, text), each in zip(jobs, encoded, strict=True)
        ]


def build_examples(
    encoder: Encoder,
    asked: Sequence[tuple[str, str, str | None]],
    passages: Sequence[Passage],
) -> list[Example]:
    """Return the questions (text, article id, answer) with right and close passages."""
    vectors = np.stack([passage.encoded.vector for passage in passages])
    found = []
    for question, article_id, answer in asked:
        own = [passage for passage in passages if passage.article_id == article_id]
        right = [passage for passage in own if answer and answer in passage.text] or own
        if not right:
            continue
        encoded = encoder.encode(encoder.prompts.question, question)
        order = np.argsort(-(vectors @ encoded.vector))[: 2 * HARD_POOL]
        wrong = [passages[index] for index in order if passages[index].article_id != article_id]
        found.append(Example(encoded, right, wrong[:HARD_POOL]))
    return found


def news_examples(encoder: Encoder, folder: Path, rules: BoilerplateRules) -> list[Example]:
    """Return headlines as questions about the first two passages of their articles."""
    untitled: dict[str, tuple[str, Draft]] = {}
    for draft in articles(folder, NEWS)[NEWS_SKIPPED:]:
        title = (draft.title or "").strip()
        if len(title) >= MIN_HEADLINE and title not in draft.text and len(untitled) < NEWS_USED:
            untitled.setdefault(title, (title, draft.model_copy(update={"title": None})))
    passages = encode_passages(encoder, [draft for _, draft in untitled.values()], rules, limit=2)
    return build_examples(
        encoder, [(title, draft.id, None) for title, draft in untitled.values()], passages
    )


def sample_states(examples: Sequence[Example]) -> torch.Tensor:
    """Return the states (n, s) of some questions and passages."""
    chosen = random.Random(0).sample(examples, min(len(examples), 400))
    states = [text.states for each in chosen for text in (each.question, each.right[0].encoded)]
    return torch.from_numpy(np.concatenate(states).astype(np.float32))


def principal_components(sample: torch.Tensor, dimension: int) -> torch.Tensor:
    """Return the first principal components of states, (s, k)."""
    torch.manual_seed(0)
    centred = sample - sample.mean(0)
    return torch.pca_lowrank(centred, dimension, center=False, niter=4)[2]


def single_layer(sample: torch.Tensor) -> torch.Tensor:
    """Return the matrix (s, s / layers) that keeps the first of `LAYERS` as it is."""
    width = sample.shape[1] // len(LAYERS)
    return torch.eye(sample.shape[1], width)


def train(projection: Projection, examples: list[Example], epochs: int) -> None:
    """Train by cross entropy over the passages of a batch."""
    generator = random.Random(0)
    optimizer = torch.optim.Adam(
        [
            {"params": [projection.matrix, projection.importance], "lr": RATE},
            {"params": [projection.bias, projection.temperature], "lr": 10 * RATE},
        ]
    )
    steps = epochs * math.ceil(len(examples) / BATCH)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, total_iters=steps)
    for epoch in range(epochs):
        generator.shuffle(examples)
        losses = []
        for start in range(0, len(examples), BATCH):
            batch = examples[start : start + BATCH]
            loss = _loss(projection, batch, generator)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
        print(f"epoch {epoch + 1}: loss {np.mean(losses):.3f}", file=sys.stderr)


def _loss(
    projection: Projection, batch: Sequence[Example], generator: random.Random
) -> torch.Tensor:
    shown: dict[int, Passage] = {}
    for example in batch:
        wrong = generator.sample(example.wrong, min(HARD_NEGATIVES, len(example.wrong)))
        shown |= {id(each): each for each in (generator.choice(example.right), *wrong)}
    passages = list(shown.values())
    logits = projection.scores([each.question for each in batch], passages)
    logits = logits * projection.temperature.exp()
    losses = []
    for all_logits, example in zip(logits, batch, strict=True):
        right = torch.tensor([any(each is own for own in example.right) for each in passages])
        article_id = example.right[0].article_id
        hidden = torch.tensor([each.article_id == article_id for each in passages]) & ~right
        row = all_logits.masked_fill(hidden, -1e4)
        losses.append(torch.logsumexp(row, 0) - torch.logsumexp(row[right], 0))
    return torch.stack(losses).mean()


def report(projections: Mapping[str, Projection], tests: Sequence[TestSet]) -> None:
    """Print R@1 by token vectors alone."""
    print("| | questions | " + " | ".join(projections))
    print("|---|---|" + "---|" * len(projections))
    for name, passages, asked in tests:
        cells = []
        for projection in projections.values():
            with torch.inference_mode():
                vectors = [projection.vectors(_tensor(each.encoded)) for each in passages]
                starts = np.cumsum([0, *(len(each) for each in vectors[:-1])])
                tokens = torch.cat(vectors).numpy().T
                right = []
                for article_id, question in asked:
                    states = _tensor(question)
                    cosines = projection.vectors(states).numpy() @ tokens
                    best = np.maximum.reduceat(cosines, starts, axis=1)
                    found = projection.weights(states).numpy() @ best
                    right.append(passages[int(np.argmax(found))].article_id == article_id)
            cells.append(f"{100 * np.mean(right):.1f}")
        print(f"| {name} | {len(asked)} | " + " | ".join(cells) + " |")


def main() -> None:
    """Train, report, and store where asked to."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--dimension", type=int, default=128)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--write", action="store_true", help="store what was trained")
    options = parser.parse_args()
    rules = load_boilerplate(load_settings().config_dir)
    examples: list[Example] = []
    tests: list[TestSet] = []
    with tempfile.TemporaryDirectory() as working:
        encoder = Encoder(prepare(load_settings().model_dir), Path(working))
        for over, asked_sets in SETS.items():
            print(f"encoding {over} …", file=sys.stderr)
            passages = encode_passages(encoder, articles(options.folder, over), rules)
            fitting = [passage for passage in passages if half(passage.article_id) == 0]
            for of in asked_sets:
                asked = [each for each in questions(options.folder, of) if each.article_id]
                fitted = [(q.text, str(q.article_id), q.answer) for q in asked if q.half == 0]
                examples += build_examples(encoder, fitted, fitting)
                reported = [
                    (str(q.article_id), encoder.encode(encoder.prompts.question, q.text))
                    for q in asked
                    if q.half == 1
                ]
                tests.append(TestSet(f"{of} over {over}", passages, reported))
        print(f"encoding {NEWS} …", file=sys.stderr)
        examples += news_examples(encoder, options.folder, rules)
    sample = sample_states(examples)
    components = principal_components(sample, options.dimension)
    trained = Projection(sample, components)
    train(trained, examples, options.epochs)
    report(
        {
            f"layer {LAYERS[0]}, not trained": Projection(sample, single_layer(sample)),
            f"{options.dimension} principal components": Projection(sample, components),
            f"{options.dimension} trained": trained,
        },
        tests,
    )
    if options.write:
        path = fitted_path(DEFAULT_MODEL)
        path.parent.mkdir(exist_ok=True)
        trained.to_fitted().save(path)


if __name__ == "__main__":
    main()
