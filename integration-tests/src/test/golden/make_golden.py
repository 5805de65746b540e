#!/usr/bin/env python3
"""Makes the golden checkpoints with random weights and what a reference answers on them.

usage: make_golden.py REFERENCE.py TOKENIZER_DIR OUT_DIR

REFERENCE.py   a module with Model(checkpoint_dir) and answer(model, request), see README.md of OUT_DIR
TOKENIZER_DIR  holds tokenizer.json and tokenizer_config.json, vocabulary of 512
OUT_DIR        gets one folder per checkpoint

Needs numpy alone. The same numpy version and reference give the same bytes.
"""
import importlib.util
import json
import shutil
import struct
import sys
from pathlib import Path

import numpy as np

VOCABULARY = 512
WEIGHT_STD = 0.18
BOS = 1
EOS = (2, 3)

COMMON = dict(
    attention_dropout=0.0, bos_token_id=BOS, hidden_act="silu", initializer_range=WEIGHT_STD,
    max_position_embeddings=512, rms_norm_eps=1e-6, use_cache=True, vocab_size=VOCABULARY)

CHECKPOINTS = {
    # Query and key norms, head size unlike hidden size / heads, tied output layer, current rope spelling.
    "qwen3-tiny": dict(
        seed=31, dtype="F32", shards=1,
        config=COMMON | dict(
            architectures=["Qwen3ForCausalLM"], model_type="qwen3", torch_dtype="float32",
            hidden_size=40, intermediate_size=72, num_hidden_layers=4, num_attention_heads=4, num_key_value_heads=2,
            head_dim=16, attention_bias=False, eos_token_id=2, tie_word_embeddings=True,
            rope_parameters=dict(rope_theta=1e6, rope_type="default"),
            layer_types=["full_attention"] * 4, max_window_layers=4, sliding_window=None, use_sliding_window=False)),
    # A window shorter than most chunks, no head_dim, old rope spelling, three shards.
    "mistral-window-tiny": dict(
        seed=42, dtype="F32", shards=3,
        config=COMMON | dict(
            architectures=["MistralForCausalLM"], model_type="mistral", torch_dtype="float32",
            hidden_size=40, intermediate_size=72, num_hidden_layers=4, num_attention_heads=4, num_key_value_heads=2,
            eos_token_id=2, tie_word_embeddings=False, rope_theta=10000.0, sliding_window=24)),
    # llama3 scaling that bends frequencies within the prompts' length, old spelling, bfloat16, two EOS ids.
    "llama3-rope-tiny": dict(
        seed=33, dtype="BF16", shards=1,
        config=COMMON | dict(
            architectures=["LlamaForCausalLM"], model_type="llama", torch_dtype="bfloat16",
            hidden_size=48, intermediate_size=96, num_hidden_layers=5, num_attention_heads=6, num_key_value_heads=2,
            head_dim=12, attention_bias=False, mlp_bias=False, pretraining_tp=1, eos_token_id=list(EOS),
            tie_word_embeddings=False, rope_theta=10000.0,
            rope_scaling=dict(rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
                              original_max_position_embeddings=64))),
}

# (tokens, cached) of each segment after the BOS token. A chunk right behind it deviates nowhere: no prompt has such a one alone.
PROMPTS = [
    [(20, True), (33, True), (17, True), (9, False)],
    [(48, True), (3, False), (21, True), (2, False), (40, True), (9, False)],
    [(4, False), (64, True), (9, False)],
    [(5, True), (1, True), (7, True), (90, True), (31, True), (9, False)],
]

# Shares below that of the rows that deviate at all: with the window, a row deeper in its chunk than that does not at layer 1.
METHODS = [
    dict(method="full_prefill"),
    dict(method="full_kv_reuse"),
    dict(method="cacheblend", recompute_ratio=0.15),
    dict(method="cacheblend", recompute_ratio=0.0),
    dict(method="cacheblend", recompute_ratio=1.0),
    dict(method="cacheblend", recompute_ratio=0.3, deviation="k"),
    dict(method="cacheblend", recompute_ratio=0.2, check_layer=2),
    dict(method="cacheblend", schedule={"1": 0.3, "2": 0.2, "3": 0.1}),
]

# Of the selectors beside deviation, with the layers whose attention counts.
SELECTORS = [
    dict(selector="chunk-head", recompute_ratio=0.15),
    dict(selector="query-attn", recompute_ratio=0.15),
    dict(selector="query-attn", recompute_ratio=0.15, attn_layers=[3]),
    dict(selector="query-attn", recompute_ratio=0.3, expand=True),
    dict(selector="head-attn", recompute_ratio=0.25),
    dict(selector="deviation-x-attn", recompute_ratio=0.1, check_layer=3),
    dict(selector="query-attn", recompute_ratio=0.0),
    dict(selector="query-attn", recompute_ratio=1.0),
]


def tensor_shapes(config):
    """Name -> shape, [out, in], of all tensors the architecture has."""
    hidden, inner, heads = config["hidden_size"], config["intermediate_size"], config["num_attention_heads"]
    head_size = config.get("head_dim", hidden // heads)
    queries, kv = heads * head_size, config["num_key_value_heads"] * head_size
    shapes = {"model.embed_tokens.weight": (VOCABULARY, hidden)}
    for layer in range(config["num_hidden_layers"]):
        prefix = f"model.layers.{layer}."
        shapes |= {
            prefix + "input_layernorm.weight": (hidden,),
            prefix + "self_attn.q_proj.weight": (queries, hidden),
            prefix + "self_attn.k_proj.weight": (kv, hidden),
            prefix + "self_attn.v_proj.weight": (kv, hidden),
            prefix + "self_attn.o_proj.weight": (hidden, queries),
            prefix + "post_attention_layernorm.weight": (hidden,),
            prefix + "mlp.gate_proj.weight": (inner, hidden),
            prefix + "mlp.up_proj.weight": (inner, hidden),
            prefix + "mlp.down_proj.weight": (hidden, inner),
        }
        if config["model_type"] == "qwen3":
            shapes |= {prefix + f"self_attn.{part}_norm.weight": (head_size,) for part in "qk"}
    shapes["model.norm.weight"] = (hidden,)
    if not config["tie_word_embeddings"]:
        shapes["lm_head.weight"] = (VOCABULARY, hidden)
    return shapes


def random_tensor(rng, shape):
    """Norms lie around 1, so that leaving one out shows."""
    if len(shape) == 1:
        return rng.uniform(0.5, 1.5, shape).astype("<f4")
    return (rng.standard_normal(shape) * WEIGHT_STD).astype("<f4")


def encode(tensor, dtype):
    if dtype == "F32":
        return tensor.tobytes()
    bits = tensor.view("<u4")
    nearest_even = bits + 0x7FFF + ((bits >> 16) & 1)
    return (nearest_even >> 16).astype("<u2").tobytes()


def write_safetensors(path, tensors, dtype):
    header, body = {"__metadata__": {"format": "pt"}}, b""
    for name, tensor in tensors.items():
        data = encode(tensor, dtype)
        header[name] = dict(dtype=dtype, shape=list(tensor.shape), data_offsets=[len(body), len(body) + len(data)])
        body += data
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + body)


def write_checkpoint(folder, plan, tokenizer):
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(plan["config"], indent=2, sort_keys=True) + "\n")
    generation = {key: plan["config"][key] for key in ("bos_token_id", "eos_token_id")}
    (folder / "generation_config.json").write_text(json.dumps(generation, indent=2) + "\n")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copyfile(tokenizer / name, folder / name)
    rng = np.random.default_rng(plan["seed"])
    tensors = {name: random_tensor(rng, shape) for name, shape in tensor_shapes(plan["config"]).items()}
    if plan["shards"] == 1:
        write_safetensors(folder / "model.safetensors", tensors, plan["dtype"])
        return
    weight_map = {}
    for i, names in enumerate(np.array_split(list(tensors), plan["shards"]), 1):
        file = f"model-{i:05}-of-{plan['shards']:05}.safetensors"
        weight_map |= {str(name): file for name in names}
        write_safetensors(folder / file, {name: tensors[name] for name in names}, plan["dtype"])
    total = sum(4 * tensor.size for tensor in tensors.values())
    index = dict(metadata=dict(total_size=total), weight_map=weight_map)
    (folder / "model.safetensors.index.json").write_text(json.dumps(index, indent=2) + "\n")


def requests(rng, methods, prompts=None):
    for prompt in prompts or PROMPTS:
        segments = [dict(token_ids=[BOS])]
        for count, cached in prompt:
            ids = [int(i) for i in rng.integers(4, VOCABULARY, count)]
            segments.append(dict(token_ids=ids, cache=cached))
        for method in methods:
            yield dict(segments=segments, max_tokens=6) | method


def check_attention(request, result):
    """Masses of the chosen rows of a plain query-attn exceed the others; masses of zero tie exactly."""
    mass, chosen = result["attention_mass"], set(result["recomputed_positions"])
    cached = [position for position, is_cached in enumerate(flags(request["segments"])) if is_cached and position != len(mass) - 1]
    lowest = min((mass[p] for p in cached if p in chosen), default=None)
    highest = max((mass[p] for p in cached if p not in chosen), default=None)
    if lowest and highest is not None:
        assert lowest > highest * (1 + 1e-4), "the selection by attention is nearly a tie"


def flags(segments):
    return [bool(s.get("cache")) for s in segments for _ in s["token_ids"]]


def check(request, result):
    check_margins(result)
    if request.get("selector") == "query-attn" and not request.get("expand"):
        check_attention(request, result)


def check_margins(result):
    """A case that hangs on the last bits of float32 would test nothing but rounding."""
    first, second = (logit for _, logit in result["first_logits_top5"][:2])
    assert first - second > 1e-3, "the first token is nearly a tie"
    layers = list(result["check_scores"].items())
    survivors = [{position for position, _ in scores} for _, scores in layers[1:]] + [set(result["recomputed_positions"])]
    for (layer, scores), kept in zip(layers, survivors):
        chosen = [score for position, score in scores if position in kept]
        others = [score for position, score in scores if position not in kept]
        if chosen and others:
            assert min(chosen) > max(others) * (1 + 1e-4) + 1e-9, f"the selection at layer {layer} is nearly a tie"
    assert not set(result["token_ids"]) & set(EOS), "an answer ends early"


def main(reference_path, tokenizer, out):
    spec = importlib.util.spec_from_file_location("reference", reference_path)
    reference = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(reference)
    for name, plan in CHECKPOINTS.items():
        write_checkpoint(out / name, plan, tokenizer)
        model = reference.Model(str(out / name))
        selectors = [dict(method="cacheblend") | selector for selector in SELECTORS]
        for file, methods in (("blend.json", METHODS), ("selectors.json", selectors)):
            cases = []
            for request in requests(np.random.default_rng(plan["seed"] + 1000), methods):
                result = reference.answer(model, request)
                check(request, result)
                cases.append(dict(request=request, result=result))
            (out / name / file).write_text(json.dumps(cases) + "\n")
            print(name, file, len(cases), "cases")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
