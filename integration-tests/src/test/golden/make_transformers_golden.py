#!/usr/bin/env python3
"""Makes golden checkpoints with random weights, and what Hugging Face transformers answers on them.

    pip install torch==2.13.0 transformers==5.18.0
    make_transformers_golden.py NAME...     # all without names

Writes ../resources/golden/NAME: config.json, model.safetensors (bfloat16), reference.json, and the tokenizer of mistral-tiny; make_blend_golden.py
makes the other files. The answers are computed in float32 with eager attention. config.json has the spelling of the models on the Hub where that differs from transformers 5.
"""
import json
import pathlib
import shutil
import sys

import torch
import transformers
from safetensors.torch import save_file

GOLDEN = pathlib.Path(__file__).resolve().parents[1] / "resources" / "golden"
TOKENIZER = GOLDEN / "mistral-tiny"
VOCABULARY = 512
WEIGHT_STD = 0.18
PROMPT_LENGTHS = (17, 61, 120)
GREEDY_TOKENS = 12

COMMON = dict(
    attention_dropout=0.0, bos_token_id=1, eos_token_id=2, hidden_size=40, intermediate_size=72, max_position_embeddings=256,
    num_attention_heads=4, num_hidden_layers=4, num_key_value_heads=2, pad_token_id=None, rms_norm_eps=1e-6, torch_dtype="bfloat16",
    use_cache=True, vocab_size=VOCABULARY)
LLAMA = COMMON | dict(
    architectures=["LlamaForCausalLM"], model_type="llama", attention_bias=False, head_dim=12, hidden_act="silu", mlp_bias=False,
    rope_theta=10000.0, tie_word_embeddings=True)
GEMMA = COMMON | dict(
    attention_bias=False, head_dim=16, hidden_activation="gelu_pytorch_tanh", query_pre_attn_scalar=20, sliding_window=24)

CONFIGS = {
    "linear-rope-tiny": LLAMA | dict(rope_scaling=dict(type="linear", factor=4.0)),
    # As LLAMA without scaling up to max_position_embeddings.
    "dynamic-rope-tiny": LLAMA | dict(rope_scaling=dict(type="dynamic", factor=2.0)),
    # Frequencies bend within the prompts, and the amplitude is 1.14.
    "yarn-rope-tiny": LLAMA | dict(
        head_dim=16, rope_scaling=dict(rope_type="yarn", factor=4.0, original_max_position_embeddings=64, beta_fast=4.0, beta_slow=1.0)),
    # One tensor for q, k and v, one for gate and up; 12 of 20 elements of a head are rotated; longrope within its original context.
    "phi3-tiny": COMMON | dict(
        architectures=["Phi3ForCausalLM"], model_type="phi3", embd_pdrop=0.0, hidden_act="silu", hidden_size=80, max_position_embeddings=1024,
        original_max_position_embeddings=256, partial_rotary_factor=0.6, resid_pdrop=0.0, rope_theta=10000.0, sliding_window=48,
        rope_scaling=dict(type="longrope", short_factor=[1.0, 1.1, 1.25, 1.5, 2.0, 2.5], long_factor=[1.0, 2.0, 3.0, 5.0, 8.0, 9.0]),
        tie_word_embeddings=False),
    # A window in some layers, beside biases and attention over all positions in the others.
    "qwen2-window-tiny": COMMON | dict(
        architectures=["Qwen2ForCausalLM"], model_type="qwen2", hidden_act="silu", num_attention_heads=4, tie_word_embeddings=True,
        layer_types=["full_attention", "sliding_attention", "full_attention", "sliding_attention"], max_window_layers=2, sliding_window=24,
        use_sliding_window=True, rope_parameters=dict(rope_theta=1e6, rope_type="default")),
    # Caps that bend scores and logits; every other layer has a window; the head size is apart from the hidden size.
    "gemma2-tiny": GEMMA | dict(
        architectures=["Gemma2ForCausalLM"], model_type="gemma2", attn_logit_softcapping=4.0, cache_implementation="hybrid",
        final_logit_softcapping=6.0, hidden_act="gelu_pytorch_tanh", rope_theta=10000.0),
    # Layers with a window have another rotary embedding than layer 2.
    "gemma3-tiny": GEMMA | dict(
        architectures=["Gemma3ForCausalLM"], model_type="gemma3_text", attn_logit_softcapping=None, final_logit_softcapping=None,
        rope_local_base_freq=100.0, rope_scaling=dict(factor=4.0, rope_type="linear"), rope_theta=10000.0, sliding_window_pattern=3),
}


def random_weights(model, seed):
    """Norms multiply by numbers around 1 and biases lie around 0, so that leaving one out shows."""
    centered = model.config.model_type.startswith("gemma")
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in sorted(model.named_parameters()):
            values = torch.randn(parameter.shape, generator=generator) * WEIGHT_STD
            if name.endswith("norm.weight") and not centered:
                values += 1
            if centered and "_layernorm" in name and "post_" in name:
                values += 1  # outputs outweigh the embedding, which is its own output layer
            parameter.copy_(values.to(torch.bfloat16).to(torch.float32))


def answers(model, seed):
    generator = torch.Generator().manual_seed(seed)
    runs = []
    for length in PROMPT_LENGTHS:
        prompt = [1] + torch.randint(4, VOCABULARY, (length - 1,), generator=generator).tolist()
        ids, tokens, logprobs, last = list(prompt), [], [], None
        for _ in range(GREEDY_TOKENS):
            with torch.no_grad():
                logits = model(torch.tensor([ids]), use_cache=False).logits[0, -1].double()
            last = logits if last is None else last
            token = int(logits.argmax())
            tokens.append(token)
            logprobs.append(round(float(torch.log_softmax(logits, -1)[token]), 6))
            if token == 2:
                break
            ids.append(token)
        runs.append(dict(
            prompt_token_ids=prompt, last_logits=[round(value, 5) for value in last.tolist()], greedy_token_ids=tokens,
            greedy_logprobs=logprobs))
    return runs


def make(name, config):
    folder = GOLDEN / name
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    seed = sum(map(ord, name))
    loaded = transformers.AutoConfig.from_pretrained(folder)
    model = transformers.AutoModelForCausalLM.from_config(loaded, attn_implementation="eager", dtype=torch.float32).eval()
    random_weights(model, seed)
    tensors = {key: value.to(torch.bfloat16).contiguous() for key, value in model.state_dict().items()}
    if loaded.tie_word_embeddings:
        del tensors["lm_head.weight"]
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    runs = answers(model, seed)
    made_by = f"transformers {transformers.__version__}, torch {torch.__version__}"
    (folder / "reference.json").write_text(json.dumps(dict(made_by=made_by, runs=runs)) + "\n")
    for file in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copyfile(TOKENIZER / file, folder / file)


def main():
    for name in sys.argv[1:] or CONFIGS:
        make(name, CONFIGS[name])


if __name__ == "__main__":
    main()
