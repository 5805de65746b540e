"""Trains the byte-level BPE tokenizer on training rows."""
import json
import random
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

from . import chat_rows, wiki
from .names import Pools, chat_names
from .prompts import BOS, EOS

_SEED, _ROWS = 1, 12000


def _texts():
    rng, pools, names = random.Random(_SEED), Pools(held_out=False), chat_names(held_out=False)
    for i in range(_ROWS):
        pieces = chat_rows.training_row(rng, names, False) if i % 5 == 0 else wiki.training_row(rng, pools, False)
        yield "".join(text for text, _ in pieces).strip()


def train_tokenizer(folder, vocabulary_size):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary_size, special_tokens=["<unk>", BOS, EOS],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    tokenizer.train_from_iterator(_texts(), trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{BOS} $A", pair="$A $B", special_tokens=[(BOS, tokenizer.token_to_id(BOS))])

    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    config = dict(
        backend="tokenizers", tokenizer_class="PreTrainedTokenizerFast", bos_token=BOS, eos_token=EOS, unk_token="<unk>",
        add_bos_token=True, model_max_length=16384, clean_up_tokenization_spaces=False)
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=2), encoding="utf-8")
