"""Hugging Face checkpoint of the trained model."""
import dataclasses
import json
import shutil
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from .model import INIT_STD, NORM_EPS

_PREFIX = "model."
_MAX_POSITIONS = 16384
_BOS_ID, _EOS_ID = 1, 2


def save(model, shape, tokenizer_folder, folder):
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    weights = {_PREFIX + name: value.detach().to(torch.bfloat16).cpu().contiguous() for name, value in model.state_dict().items()}
    unfinished = folder / "model.tmp"
    save_file(weights, str(unfinished), metadata={"format": "pt"})
    unfinished.rename(folder / "model.safetensors")  # a copy in progress sees the old or the new file
    _write(folder / "config.json", _config(shape))
    _write(folder / "generation_config.json", dict(bos_token_id=_BOS_ID, eos_token_id=_EOS_ID, do_sample=False))
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(Path(tokenizer_folder) / name, folder)


def load_into(model, folder):
    weights = load_file(str(Path(folder) / "model.safetensors"))
    model.load_state_dict({name.removeprefix(_PREFIX): value.float() for name, value in weights.items()})


def write_log(folder, options, shape, **results):
    _write(Path(folder) / "training_log.json", dict(options=vars(options), shape=dataclasses.asdict(shape), **results))


def _write(path, value):
    path.write_text(json.dumps(value, indent=2, default=str), encoding="utf-8")


def _config(shape):
    return dict(
        architectures=["MistralForCausalLM"], model_type="mistral", dtype="bfloat16",
        vocab_size=shape.vocab, hidden_size=shape.dim, intermediate_size=shape.ffn, num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads, num_key_value_heads=shape.kv_heads, head_dim=shape.head_dim,
        hidden_act="silu", rms_norm_eps=NORM_EPS,
        rope_theta=shape.theta, rope_parameters=dict(rope_theta=shape.theta, rope_type="default"),
        max_position_embeddings=_MAX_POSITIONS, sliding_window=None,
        attention_dropout=0.0, initializer_range=INIT_STD, tie_word_embeddings=True, use_cache=True,
        bos_token_id=_BOS_ID, eos_token_id=_EOS_ID, pad_token_id=None)
