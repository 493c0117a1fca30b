"""Makes byte-pair tokenizers and what the library `tokenizers` encodes with them. Usage: make.py FOLDER"""

import json
import pathlib
import random
import sys

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

TEXT = (pathlib.Path(__file__).resolve().parents[2] / "jobs" / "tiny-text.txt").read_text()
SENTENCES = [
    TEXT,
    "",
    " ",
    "We've seen what they'll do; I'm sure it's DON'T.",
    "two  spaces,   three\n\n\tand\ttabs \n at the end  ",
    "a\u00a0hard\u2003space\u3000here",
    "Grüße, naïve café: Ⅷ ½ ٣ 12345 x²",
    "ประเทศไทย हिन्दी 日本語のテキスト 한국어",
    "emoji 👩‍🚀🚀 and e\u0301 combining",
    "<|end|>between<|end|> <|end|>",
    "\x00\x01control\x7f",
]


def samples() -> list[str]:
    draw = random.Random(1)
    pieces = ["the", " the", " ", "  ", "\n", "'s", "'", "ing", "é", "字", "9", "42", "!?", "th", "he", "\t", "the the"]
    return SENTENCES + ["".join(draw.choices(pieces, k=draw.randrange(40))) for _ in range(100)]


def main(folder: pathlib.Path) -> None:
    for name, vocab, by_words, prefix_space in [("words", 420, True, False), ("text", 330, False, True)]:
        tokenizer = Tokenizer(models.BPE())
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=prefix_space, use_regex=by_words)
        tokenizer.decoder = decoders.ByteLevel()
        alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
        special = [] if by_words else [AddedToken("<|end|>", normalized=False)]
        trainer = trainers.BpeTrainer(
            vocab_size=vocab, initial_alphabet=alphabet, special_tokens=special, show_progress=False
        )
        tokenizer.train_from_iterator(TEXT.splitlines(keepends=True), trainer)
        tokenizer.save(str(folder / f"{name}.json"), pretty=False)
        encoded = [[text, tokenizer.encode(text, add_special_tokens=False).ids] for text in samples()]
        (folder / f"{name}.expected.json").write_text(json.dumps(encoded, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]))
