"""How much a vector, and the first three quotes, depend on the scheme and on the processor.

    python -m bench.encoders.processors schemes $BRIEFING_EVAL_DIR [--texts 500] [--few 24]
    python -m bench.encoders.processors quotes $BRIEFING_EVAL_DIR [--every 1]
    python -m bench.encoders.processors seed

`schemes` compares ways to run the encoder (`encoder_schemes`) with the model in full precision, on
questions and passages of arcd, ntrex and libya, and then, over a few of them, one processor with
another. `quotes` asks the questions of arcd and ntrex twice, here and on an emulated processor.
`seed` embeds the seed on each processor and shows what its three questions on Paris bring there.
Other processors are emulated with qemu-user (`qemu-x86_64`, a package of most distributions).
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bench.data.evaluation_sets import LANGUAGES, SEED_QUESTIONS, Remembering, articles, questions
from bench.encoders.schemes import Scheme, write_scheme
from bot.settings import SEEDS, load_boilerplate, load_gazetteer, load_settings
from index.archive import Archive
from index.embeddings.build.prepare import DEFAULT_MODEL, prepare
from index.embeddings.embedder import Embedder, load_embedder
from index.embeddings.onnx_embedder import OnnxEmbedder
from index.embeddings.use_encoder import UniversalSentenceEncoder
from index.ingest.text.files import load_draft
from index.models import DateWindow
from index.text.segmentation.passages import split_passages

PROCESSORS = ("Nehalem", "Haswell")
"""SSE4.2 alone; AVX2 and FMA without VNNI."""
QUOTE_SETS = (("arcd", "arcd"), *((f"ntrex.{of}", "ntrex.ar") for of in LANGUAGES))
"""Whose questions, over whose articles."""

_Vectors = NDArray[np.float32]


class Noise(NamedTuple):
    """How vectors differ from those that they are compared with."""

    mean: float
    worst: float
    """Cosines."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(required=True)
    schemes = commands.add_parser("schemes")
    schemes.add_argument("folder", type=Path)
    schemes.add_argument("--texts", type=int, default=500)
    schemes.add_argument("--few", type=int, default=24)
    schemes.set_defaults(run=lambda given: compare_schemes(given.folder, given.texts, given.few))
    quotes = commands.add_parser("quotes")
    quotes.add_argument("folder", type=Path)
    quotes.add_argument("--every", type=int, default=1, help="ask every so many questions")
    quotes.set_defaults(run=lambda given: compare_quotes(given.folder, given.every))
    seed = commands.add_parser("seed")
    seed.set_defaults(run=lambda _: show_seed_everywhere())
    here = commands.add_parser("seed-here", help="used by `seed` on an emulated processor")
    here.set_defaults(run=lambda _: show_seed())
    embed = commands.add_parser("embed", help="used by `schemes` on an emulated processor")
    embed.add_argument("model", type=Path)
    embed.add_argument("texts", type=Path)
    embed.add_argument("vectors", type=Path)
    embed.set_defaults(run=lambda given: embed_file(given.model, given.texts, given.vectors))
    ask = commands.add_parser("ask", help="used by `quotes` on an emulated processor")
    ask.add_argument("work", type=Path)
    ask.add_argument("result", type=Path)
    ask.set_defaults(run=lambda given: ask_all(given.work, given.result))
    given = parser.parse_args()
    given.run(given)


def compare_schemes(folder: Path, texts: int, few: int) -> None:
    """Print a line for each scheme: noise, changes of order, time, and the same on processors."""
    models = load_settings().model_dir
    asked, passages = sample(folder, texts)
    full = load_embedder(DEFAULT_MODEL, models, runtime="torch")
    exact = full.embed_questions(asked), full.embed_passages(passages)
    print(f"{len(asked)} questions, {len(passages)} passages; compared with torch in float32")
    header = ("question", "worst", "passage", "worst", "noise of a score", "order changes", "ms")
    print(f"{'scheme':34}" + "".join(f"{each:>17}" for each in (*header, "passages/s")))
    with tempfile.TemporaryDirectory() as work:
        vectors: dict[str, tuple[_Vectors, _Vectors]] = {}
        prepared = prepare(models)
        for scheme in Scheme:
            model = Path(work) / scheme
            write_scheme(prepared, model, scheme)
            embedder = OnnxEmbedder(DEFAULT_MODEL, model, "bench", threads=0)
            seconds = []
            for question in asked:
                started = time.perf_counter()
                embedder.embed_questions([question])
                seconds.append(time.perf_counter() - started)
            started = time.perf_counter()
            of_passages = embedder.embed_passages(passages)
            rate = len(passages) / (time.perf_counter() - started)
            vectors[scheme] = embedder.embed_questions(asked), of_passages
            speed = (f"{1000 * np.median(seconds):.1f}", f"{rate:.1f}")
            _print_noise(scheme, vectors[scheme], exact, speed)
        mixed = vectors[Scheme.FP32][0], vectors[Scheme.INT8_TENSOR][1]
        _print_noise("questions fp32, passages int8-tensor", mixed, exact, ("", ""))
        for processor in PROCESSORS:
            print(f"\n{few} questions, {few} passages; here compared with an emulated {processor}")
            for scheme in Scheme:
                here = vectors[scheme][0][:few], vectors[scheme][1][:few]
                there = _emulated_vectors(
                    processor, Path(work) / scheme, asked[:few], passages[:few]
                )
                same = (np.vstack(here) == np.vstack(there)).all(axis=1).mean()
                _print_noise(scheme, there, here, (f"{100 * same:.0f} % same bits", ""))


def sample(folder: Path, count: int) -> tuple[list[str], list[str]]:
    """Return questions and passages of arcd, ntrex and libya, always the same ones."""
    asked = [each.text for name in ("arcd", *_ntrex()) for each in questions(folder, name)]
    passages = [
        draft.text[span.start : span.end]
        for name in ("arcd", "libya", *_ntrex())
        for draft in articles(folder, name)
        for span in split_passages(draft.text)[:6]
    ]
    order = random.Random(1)
    return order.sample(asked, count), order.sample(passages, count)


def _ntrex() -> list[str]:
    return [f"ntrex.{language}" for language in LANGUAGES]


def _print_noise(
    name: str,
    found: tuple[_Vectors, _Vectors],
    wanted: tuple[_Vectors, _Vectors],
    more: Sequence[str],
) -> None:
    of_questions, of_passages = map(_noise, found, wanted)
    scores, right = found[0] @ found[1].T, wanted[0] @ wanted[1].T
    change = scores - right
    change -= change.mean(axis=1, keepdims=True)  # what moves all passages alike changes no order
    first, right_first = (
        np.argsort(-each, axis=1, kind="stable")[:, :3] for each in (scores, right)
    )
    order = (first != right_first).any(axis=1).mean()
    cells = [
        *(f"{value:.5f}" for value in (*of_questions, *of_passages)),
        f"{change.std():.6f}",
        f"{100 * order:.1f} %",
        *more,
    ]
    print(f"{name:34}" + "".join(f"{cell:>17}" for cell in cells), flush=True)


def _noise(found: _Vectors, wanted: _Vectors) -> Noise:
    cosines = (found * wanted).sum(axis=1)
    return Noise(float(cosines.mean()), float(cosines.min()))


def _emulated_vectors(
    processor: str, model: Path, asked: list[str], passages: list[str]
) -> tuple[_Vectors, _Vectors]:
    with tempfile.TemporaryDirectory() as folder:
        texts, vectors = Path(folder) / "texts.json", Path(folder) / "vectors.npz"
        texts.write_text(json.dumps([asked, passages]))
        _run_emulated(processor, "embed", model, texts, vectors)
        with np.load(vectors) as found:
            return found["questions"], found["passages"]


def _run_emulated(processor: str, *arguments: str | Path) -> None:
    """Run a command of this file on a processor; what qemu says of it is shown where it fails."""
    done = subprocess.run(
        ["qemu-x86_64", "-cpu", processor, sys.executable, __file__, *map(str, arguments)],
        capture_output=True,
        check=False,
        text=True,
    )
    if done.returncode:
        sys.exit(done.stderr)
    print(done.stdout, end="", flush=True)


def embed_file(model: Path, texts: Path, vectors: Path) -> None:
    """Embed the questions and passages of a file."""
    asked, passages = json.loads(texts.read_text())
    embedder = OnnxEmbedder(DEFAULT_MODEL, model, "bench", threads=0)
    np.savez(
        vectors,
        questions=embedder.embed_questions(asked),
        passages=embedder.embed_passages(passages),
    )


def compare_quotes(folder: Path, every: int) -> None:
    """Print for each set how many questions get the same first three quotes on two processors.

    Vectors are computed here once, and are the same on every processor (`schemes` shows that);
    everything after them is computed on each.
    """
    with tempfile.TemporaryDirectory() as work:
        _fill(Path(work), folder, every)
        here, there = Path(work) / "here.json", Path(work) / "there.json"
        ask_all(Path(work), here)
        for processor in PROCESSORS:
            _run_emulated(processor, "ask", work, there)
            print(f"here compared with an emulated {processor}")
            one, other = (json.loads(each.read_text()) for each in (here, there))
            for name, quoted in one.items():
                pairs = list(zip(quoted, other[name], strict=True))
                same = sum(left["quotes"] == right["quotes"] for left, right in pairs)
                gap = max(
                    (abs(a - b) for left, right in pairs for a, b in _paired(left, right)),
                    default=0.0,
                )
                print(
                    f"{name:22} {same} of {len(pairs)} questions, {100 * same / len(pairs):.2f} %; "
                    f"largest difference of a score {gap:.7f}"
                )


def show_seed_everywhere() -> None:
    """Show what the seed's questions bring on this processor and on each emulated one."""
    print("here")
    show_seed()
    for processor in PROCESSORS:
        print(f"an emulated {processor}", flush=True)
        _run_emulated(processor, "seed-here")


def show_seed() -> None:
    """Embed the seed and print the score and the first words of each question's three quotes."""
    embedder = load_embedder(DEFAULT_MODEL, load_settings().model_dir)
    with tempfile.TemporaryDirectory() as folder, _archive(Path(folder), embedder) as archive:
        for path in sorted(SEEDS.glob("*.txt")):
            archive.add(load_draft(path, root=SEEDS))
        for question in SEED_QUESTIONS:
            print(f"  {question}")
            for quote in archive.ask(question).quotes:
                print(f"    {quote.score:.6f}  {quote.text[:70]}…")


def _paired(
    left: dict[str, list[float]], right: dict[str, list[float]]
) -> Iterator[tuple[float, float]]:
    return zip(left["scores"], right["scores"], strict=False)


def _fill(work: Path, folder: Path, every: int) -> None:
    """Fill an archive for each set in `work`, and embed its questions."""
    embedder = Remembering(
        load_embedder(DEFAULT_MODEL, load_settings().model_dir), work / "vectors.npz"
    )
    for asked, over in QUOTE_SETS:
        name = f"{asked} over {over}"
        with _archive(work / name, embedder) as archive:
            for draft in articles(folder, over):
                archive.add(draft)
            texts = [question.text for question in questions(folder, asked)][::every]
            for text in texts:
                archive.encode_question(text)
        (work / f"{name}.json").write_text(json.dumps(texts))
    embedder.save()


def ask_all(work: Path, result: Path) -> None:
    """Ask the questions of every set, with vectors from the file, and write the first quotes."""
    remembered = Remembering(
        load_embedder(DEFAULT_MODEL, load_settings().model_dir), work / "vectors.npz"
    )
    found = {}
    for asked, over in QUOTE_SETS:
        name = f"{asked} over {over}"
        with _archive(work / name, remembered) as archive:
            found[name] = [
                _first_quotes(archive, text)
                for text in json.loads((work / f"{name}.json").read_text())
            ]
    result.write_text(json.dumps(found))


def _first_quotes(archive: Archive, question: str) -> dict[str, list[object]]:
    answer = archive.ask(question, window=DateWindow())
    shown = answer.quotes or answer.nearest
    return {
        "quotes": [answer.answered, *((each.article.id, each.start) for each in shown)],
        "scores": [each.score for each in shown],
    }


def _archive(folder: Path, embedder: Embedder) -> Archive:
    settings = load_settings()
    return Archive(
        folder,
        lambda: embedder,
        UniversalSentenceEncoder,
        zone=settings.zone,
        boilerplate=load_boilerplate(settings.config_dir),
        gazetteer_config=load_gazetteer(settings.config_dir),
    )


if __name__ == "__main__":
    main()
