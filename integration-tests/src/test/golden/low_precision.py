#!/usr/bin/env python3
"""Measures how far plain bf16 and fp16 runs in PyTorch are from the golden answers: the error that a 16-bit worker may have.

usage: low_precision.py GOLDEN_DIR     writes low_precision.json beside each checkpoint; needs PyTorch, no GPU

Plain: weights, activations and KV in the narrow type, every PyTorch operation rounds its result to it. The run is told the
reference's tokens and, for blending, the rows the reference chose, so that errors are those of arithmetic alone.
Compared are log-probabilities: of the five best tokens of the first step, and of the reference's token of each later step.
An fp32 run must agree with the reference first.

Sizes: N prompt rows, T rows of a step, Hq/Hkv query/KV heads, Dh head size.
"""
import json
import math
import struct
import sys
from pathlib import Path

import torch
import torch.nn.functional as F

DTYPES = {"bf16": torch.bfloat16, "fp16": torch.float16}
STORED = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}
FP32_ERROR = 1e-3
CAPACITY = 512


def load_safetensors(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        body = bytearray(file.read())
    header.pop("__metadata__", None)
    return {name: torch.frombuffer(body[slice(*t["data_offsets"])], dtype=STORED[t["dtype"]]).reshape(t["shape"])
            for name, t in header.items()}


def rope_frequencies(config, head_size):
    rope = {**config, **(config.get("rope_scaling") or {}), **(config.get("rope_parameters") or {})}
    frequencies = rope["rope_theta"] ** (-torch.arange(0, head_size, 2, dtype=torch.float64) / head_size)
    if rope.get("rope_type", "default") == "default":
        return frequencies
    assert rope["rope_type"] == "llama3", rope["rope_type"]
    turns = rope["original_max_position_embeddings"] * frequencies / (2 * math.pi)
    kept = ((turns - rope["low_freq_factor"]) / (rope["high_freq_factor"] - rope["low_freq_factor"])).clamp(0, 1)
    return frequencies * (kept + (1 - kept) / rope["factor"])


class Model:
    def __init__(self, folder, dtype):
        config = json.loads((folder / "config.json").read_text())
        self.weights = {}
        for shard in folder.glob("*.safetensors"):
            self.weights.update({name: w.to(dtype) for name, w in load_safetensors(shard).items()})
        self.layers, self.bos, self.eps = config["num_hidden_layers"], config["bos_token_id"], config["rms_norm_eps"]
        self.q_heads, self.kv_heads = config["num_attention_heads"], config["num_key_value_heads"]
        self.head = config.get("head_dim") or config["hidden_size"] // self.q_heads
        self.window = config.get("sliding_window") if config.get("use_sliding_window", True) else None
        angles = torch.arange(CAPACITY)[:, None] * rope_frequencies(config, self.head)
        self.cos, self.sin = (torch.cat([t, t], 1)[:, None].to(dtype) for t in (angles.cos(), angles.sin()))

    def new_kv(self):
        """Keys before rotation, and values; [2, L, CAPACITY, Hkv, Dh]. Not a number, so that nothing is read that was not written."""
        embedding = self.weights["model.embed_tokens.weight"]
        return embedding.new_full((2, self.layers, CAPACITY, self.kv_heads, self.head), math.nan)

    def weight(self, layer, name):
        return self.weights.get(f"model.layers.{layer}.{name}")

    def norm(self, x, weight):
        return x if weight is None else F.rms_norm(x, (x.shape[-1],), weight, self.eps)

    def project(self, layer, h, name):
        """-> [T, heads, Dh]"""
        x = F.linear(h, self.weight(layer, f"self_attn.{name}_proj.weight"), self.weight(layer, f"self_attn.{name}_proj.bias"))
        return self.norm(x.view(len(h), -1, self.head), self.weight(layer, f"self_attn.{name}_norm.weight"))

    def rotate(self, x, positions):
        first, second = x.chunk(2, -1)
        return x * self.cos[positions] + torch.cat([-second, first], -1) * self.sin[positions]

    def attend(self, q, positions, keys, values):
        """Row at position p sees the keys (p - window, p]; keys and values [N, Hkv, Dh] -> [T, Hq * Dh]"""
        distance = positions[:, None] - torch.arange(len(keys))
        visible = (distance >= 0) & (distance < (self.window or CAPACITY))
        group = self.q_heads // self.kv_heads
        keys, values = (x.repeat_interleave(group, 1).transpose(0, 1)[None] for x in (keys, values))
        out = F.scaled_dot_product_attention(q.transpose(0, 1)[None], keys, values, attn_mask=visible)
        return out[0].transpose(0, 1).reshape(len(q), -1)

    def step(self, ids, rows, kv, kept):
        """Computes `rows` (positions, ascending) of `ids` over `kv`, where it writes theirs; from the attention of a layer in `kept`
        on, only those rows. -> log-probabilities behind the last row, fp32."""
        h = self.weights["model.embed_tokens.weight"][ids[rows]]
        for layer in range(self.layers):
            x = self.norm(h, self.weight(layer, "input_layernorm.weight"))
            q, kv[0, layer, rows], kv[1, layer, rows] = (self.project(layer, x, name) for name in "qkv")
            if layer in kept:
                stay = torch.isin(rows, kept[layer])
                h, q, rows = h[stay], q[stay], rows[stay]
            keys, values = kv[:, layer, :len(ids)]
            attention = self.attend(self.rotate(q, rows), rows, self.rotate(keys, slice(len(ids))), values)
            h = h + F.linear(attention, self.weight(layer, "self_attn.o_proj.weight"))
            x = self.norm(h, self.weight(layer, "post_attention_layernorm.weight"))
            gate, up = (F.linear(x, self.weight(layer, f"mlp.{name}_proj.weight")) for name in ("gate", "up"))
            h = h + F.linear(F.silu(gate) * up, self.weight(layer, "mlp.down_proj.weight"))
        head = self.weights.get("lm_head.weight", self.weights["model.embed_tokens.weight"])
        return F.linear(self.norm(h[-1], self.weights["model.norm.weight"]), head).float().log_softmax(-1)


def place_chunks(model, segments, kv):
    """Places the KV of the cached segments, each collected behind BOS. -> forced rows: not cached, or the last."""
    forced, begin = [], 0
    for segment in segments:
        end = begin + len(segment["token_ids"])
        if segment.get("cache"):
            own, ids = model.new_kv(), torch.tensor([model.bos] + segment["token_ids"])
            model.step(ids, torch.arange(len(ids)), own, {})
            kv[:, :, begin:end] = own[:, :, 1:len(ids)]
        else:
            forced += range(begin, end)
        begin = end
    return sorted({*forced, begin - 1})


def rows_kept(request, result, forced, length):
    """The reference's choice: check layer -> rows that stay."""
    schedule = request.get("schedule") or {str(request.get("check_layer", 1)): request.get("recompute_ratio", 0.15)}
    kept = {}
    for layer, share in schedule.items():
        ranked = sorted(result["check_scores"][layer], key=lambda scored: (-scored[1], scored[0]))
        best = [row for row, _ in ranked[:math.ceil(share * (length - len(forced)) - 1e-9)]]
        kept[int(layer)] = torch.tensor(sorted(forced + best))
    assert kept[max(kept)].tolist() == result["recomputed_positions"]
    return kept


def logprobs(model, request, result):
    """Log-probabilities [tokens, vocabulary] of each step of an answer that is the reference's."""
    ids = [token for segment in request["segments"] for token in segment["token_ids"]]
    kv, length, rows, kept = model.new_kv(), len(ids), torch.arange(len(ids)), {}
    if request["method"] != "full_prefill":
        forced = place_chunks(model, request["segments"], kv)
        if request["method"] == "cacheblend":
            kept = rows_kept(request, result, forced, length)
        else:
            rows = torch.tensor(forced)
    out = [model.step(torch.tensor(ids), rows, kv, kept)]
    for token in result["token_ids"][:-1]:
        ids.append(token)
        out.append(model.step(torch.tensor(ids), torch.tensor([len(ids) - 1]), kv, {}))
    return torch.stack(out)


def errors(model, request, result):
    actual = logprobs(model, request, result)
    # What the first logits are short of being log-probabilities.
    shift = result["logprobs"][0] - result["first_logits_top5"][0][1]
    first = [actual[0, token].item() - (logit + shift) for token, logit in result["first_logits_top5"]]
    later = zip(result["token_ids"][1:], result["logprobs"][1:], actual[1:])
    return first + [row[token].item() - expected for token, expected, row in later]


def cases(folder):
    """Pairs of request and result."""
    listed = [(case["request"], case["result"]) for case in json.loads((folder / "blend.json").read_text())]
    reference = folder / "reference.json"
    for run in json.loads(reference.read_text())["runs"] if reference.exists() else []:
        best = sorted(enumerate(run["last_logits"]), key=lambda entry: -entry[1])[:5]
        listed.append(({"segments": [{"token_ids": run["prompt_token_ids"]}], "method": "full_prefill"},
                       {"token_ids": run["greedy_token_ids"], "logprobs": run["greedy_logprobs"], "first_logits_top5": best}))
    return listed


def summary(values):
    rounded = lambda value: float(f"{value:.4g}")
    rms = math.sqrt(sum(v * v for v in values) / len(values))
    return {"values": len(values), "max": rounded(max(map(abs, values))), "rms": rounded(rms)}


def measure(folder, dtype):
    model, found = Model(folder, dtype), {"full_prefill": [], "blend": []}
    for request, result in cases(folder):
        found["full_prefill" if request["method"] == "full_prefill" else "blend"] += errors(model, request, result)
    return {kind: summary(values) for kind, values in found.items()}


def main(golden):
    for folder in sorted(config.parent for config in golden.glob("*/config.json")):
        exact = measure(folder, torch.float32)
        worst = max(figures["max"] for figures in exact.values())
        if not worst <= FP32_ERROR:
            raise SystemExit(f"{folder.name}: the fp32 run is {worst:.2g} from the reference, more than {FP32_ERROR}")
        table = {name: measure(folder, dtype) for name, dtype in DTYPES.items()}
        (folder / "low_precision.json").write_text(json.dumps(table, indent=1) + "\n")
        print(folder.name, f"fp32 {worst:.1e}", json.dumps(table), flush=True)


if __name__ == "__main__":
    with torch.inference_mode():
        main(Path(sys.argv[1]))
