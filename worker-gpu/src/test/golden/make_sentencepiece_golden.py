#!/usr/bin/env python3
"""Makes a SentencePiece model as checkpoints of Llama and Mistral have it, and its tokens.

    pip install torch==2.13.0 transformers==5.18.0 gguf==0.19.0 sentencepiece==0.2.2
    make_sentencepiece_golden.py

Writes ../resources/sentencepiece/tokenizer.model and texts.json: texts, and their ids by SentencePiece. Texts with special tokens are left out:
SentencePiece finds none in a text.
"""
import io
import json

import sentencepiece

from make_gguf_golden import CORPUS, HARD_TEXTS, OUT

FOLDER = OUT.parent / "sentencepiece"


def main():
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(CORPUS), model_writer=model, model_type="bpe", vocab_size=512, byte_fallback=True, character_coverage=0.99,
        normalization_rule_name="identity", remove_extra_whitespaces=False, split_digits=True, allow_whitespace_only_pieces=True, minloglevel=2)
    FOLDER.mkdir(exist_ok=True)
    FOLDER.joinpath("tokenizer.model").write_bytes(model.getvalue())
    processor = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
    texts = [text for text in HARD_TEXTS if "<s>" not in text and "<unk>" not in text]
    FOLDER.joinpath("texts.json").write_text(json.dumps([dict(text=text, ids=processor.encode(text)) for text in texts]) + "\n")


if __name__ == "__main__":
    main()
