#!/usr/bin/env python3
"""Full prefill, CacheBlend and decoding of a Mistral model in plain PyTorch: what the worker is compared with.

usage: torch_twin.py --config DIR --out FILE.json [--device cuda:0] [--lengths 512,1024,...] [--ratios 0.15,0.3] ...

Weights are random, with the shapes of DIR/config.json. Optimized as far as possible without custom kernels: query, key and value
projections in one matrix, gate and up in another; residuals added inside the matrix product; rotation of queries and keys in three
launches for both; scaled_dot_product_attention with its fastest kernel, grouped heads without copies; stored KV of all layers
injected by five launches; logits of the last row only; no synchronisation before the token.
Rows as in the worker: all rows in layer 0 and the projections of layer 1. There the cached rows with the largest deviation of values
are selected. From the attention of layer 1 on, only selected and fresh rows are computed, over the whole mixed KV.

Sizes: N prompt rows, M active rows, L layers, Hq/Hkv query/KV heads, G = Hq/Hkv, Dh head size.
"""
import argparse
import contextlib
import json
import math
import os
import time
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel

CHECK_LAYER = 1
CONFIG_REFUSED = {"attention_bias": True, "mlp_bias": True}


@dataclass(frozen=True)
class Shape:
    layers: int
    hidden: int
    inner: int
    q_heads: int
    kv_heads: int
    head: int
    vocabulary: int
    eps: float
    theta: float

    @staticmethod
    def read(folder):
        with open(os.path.join(folder, "config.json")) as file:
            c = json.load(file)
        if c["model_type"] != "mistral" or c.get("sliding_window") or any(c.get(k) == v for k, v in CONFIG_REFUSED.items()):
            raise SystemExit(f"torch_twin: {folder}/config.json is not a Mistral model without biases and window")
        theta = (c.get("rope_parameters") or {}).get("rope_theta") or c.get("rope_theta")
        head = c.get("head_dim") or c["hidden_size"] // c["num_attention_heads"]
        return Shape(c["num_hidden_layers"], c["hidden_size"], c["intermediate_size"], c["num_attention_heads"],
                     c["num_key_value_heads"], head, c["vocab_size"], c["rms_norm_eps"], theta)


@dataclass(frozen=True)
class Prompt:
    """BOS, consecutive chunks with cached KV, suffix without cached KV."""
    ids: torch.Tensor     # [N] on the host
    chunks: list          # KV of each: [2, L, n, Hkv, Dh], keys before rotation
    begin: int            # cached rows are [begin, end)
    end: int


def random_weights(shape, device, dtype, seed):
    """By Hugging Face name; matrices [out, in]."""
    generator = torch.Generator(device=device).manual_seed(seed)
    matrix = lambda *size: torch.empty(size, device=device, dtype=dtype).normal_(0, 0.02, generator=generator)
    ones = lambda: torch.ones(shape.hidden, device=device, dtype=dtype)
    q, kv = shape.q_heads * shape.head, shape.kv_heads * shape.head
    w = {"model.embed_tokens.weight": matrix(shape.vocabulary, shape.hidden), "model.norm.weight": ones(),
         "lm_head.weight": matrix(shape.vocabulary, shape.hidden)}
    for i in range(shape.layers):
        p = f"model.layers.{i}."
        w[p + "input_layernorm.weight"], w[p + "post_attention_layernorm.weight"] = ones(), ones()
        for name, rows, columns in (("self_attn.q_proj", q, shape.hidden), ("self_attn.k_proj", kv, shape.hidden),
                                    ("self_attn.v_proj", kv, shape.hidden), ("self_attn.o_proj", shape.hidden, q),
                                    ("mlp.gate_proj", shape.inner, shape.hidden), ("mlp.up_proj", shape.inner, shape.hidden),
                                    ("mlp.down_proj", shape.hidden, shape.inner)):
            w[p + name + ".weight"] = matrix(rows, columns)
    return w


class Layer:
    def __init__(self, weights, index):
        take = lambda name: weights.pop(f"model.layers.{index}.{name}.weight")
        self.norm, self.mlp_norm = take("input_layernorm"), take("post_attention_layernorm")
        self.qkv = torch.cat([take(f"self_attn.{x}_proj") for x in "qkv"])
        self.out = take("self_attn.o_proj")
        self.gate_up = torch.cat([take("mlp.gate_proj"), take("mlp.up_proj")])
        self.down = take("mlp.down_proj")


class Twin:
    """One sequence at a time; its KV lies in self.kv [2, L, capacity, Hkv, Dh], keys rotated."""

    def __init__(self, shape, weights, capacity, device, dtype):
        self.shape, self.device, self.dtype = shape, device, dtype
        self.embedding, self.norm = weights["model.embed_tokens.weight"], weights["model.norm.weight"]
        self.head = weights.get("lm_head.weight", self.embedding)
        self.layers = [Layer(weights, i) for i in range(shape.layers)]
        self.kv = torch.zeros(2, shape.layers, capacity, shape.kv_heads, shape.head, device=device, dtype=dtype)
        frequency = shape.theta ** (-torch.arange(shape.head // 2, dtype=torch.float64) * 2 / shape.head)
        angle = torch.arange(capacity, dtype=torch.float64)[:, None] * frequency
        # Element i pairs with i + Dh/2: x * cos + roll(x, Dh/2) * sin, with -sin in the first half.
        self.cos = torch.cat([angle.cos(), angle.cos()], 1)[:, None].to(device, dtype)
        self.sin = torch.cat([-angle.sin(), angle.sin()], 1)[:, None].to(device, dtype)

    def rotate(self, x, cos, sin):
        return torch.addcmul(x * cos, x.roll(self.shape.head // 2, -1), sin)

    def project(self, layer, h):
        """-> queries and keys [T, Hq + Hkv, Dh] before rotation, values [T, Hkv, Dh]."""
        s = self.shape
        qkv = F.linear(F.rms_norm(h, (s.hidden,), layer.norm, s.eps), layer.qkv).view(len(h), -1, s.head)
        return qkv[:, :s.q_heads + s.kv_heads], qkv[:, s.q_heads + s.kv_heads:]

    def finish(self, layer, h, attention):
        """Adds the attention block and the MLP to h, in place."""
        s = self.shape
        h.addmm_(attention, layer.out.t())
        gate, up = F.linear(F.rms_norm(h, (s.hidden,), layer.mlp_norm, s.eps), layer.gate_up).chunk(2, -1)
        return h.addmm_(F.silu(gate) * up, layer.down.t())

    def next_token(self, row):
        logits = F.linear(F.rms_norm(row, (self.shape.hidden,), self.norm, self.shape.eps), self.head)
        return logits.argmax(-1), logits

    def causal_attention(self, q, k, v):
        """Query row i sees keys up to i; [T, H, Dh] each. One row sees all."""
        out = F.scaled_dot_product_attention(q.transpose(0, 1)[None], k.transpose(0, 1)[None], v.transpose(0, 1)[None],
                                             is_causal=len(q) > 1, enable_gqa=True)
        return out[0].transpose(0, 1).reshape(len(q), -1)

    def full_layer(self, index, layer, h, n, kept_keys=None):
        qk, v = self.project(layer, h)
        if kept_keys is not None:
            kept_keys.append((qk[:, self.shape.q_heads:].clone(), v.clone()))
        qk = self.rotate(qk, self.cos[:n], self.sin[:n])
        self.kv[0, index, :n], self.kv[1, index, :n] = qk[:, self.shape.q_heads:], v
        return self.finish(layer, h, self.causal_attention(qk[:, :self.shape.q_heads], qk[:, self.shape.q_heads:], v))

    def prefill(self, ids, kept_keys=None):
        h = F.embedding(ids, self.embedding)
        for index, layer in enumerate(self.layers):
            h = self.full_layer(index, layer, h, len(ids), kept_keys)
        return self.next_token(h[-1])

    def collect(self, chunk, bos):
        """KV of a chunk on its own behind BOS: [2, L, n, Hkv, Dh], keys before rotation."""
        kept = []
        self.prefill(torch.cat([torch.tensor([bos]), chunk]).to(self.device), kept)
        return torch.stack([torch.stack([k[1:] for k, _ in kept]), torch.stack([v[1:] for _, v in kept])])

    def inject(self, prompt):
        """Places the stored KV of the layers behind the check layer, keys rotated."""
        rows, behind = slice(prompt.begin, prompt.end), slice(CHECK_LAYER + 1, None)
        self.kv[0, behind, rows] = self.rotate(torch.cat([c[0, behind] for c in prompt.chunks], 1), self.cos[rows], self.sin[rows])
        torch.cat([c[1, behind] for c in prompt.chunks], 1, out=self.kv[1, behind, rows])

    def select(self, prompt, v, keep):
        """Positions of the active rows, ascending: all fresh ones, and the `keep` cached ones that deviate most. The last row is fresh."""
        stored = torch.cat([c[1, CHECK_LAYER] for c in prompt.chunks])
        score = (v[prompt.begin:prompt.end].float() - stored.float()).square_().sum((1, 2))
        best = score.topk(keep, sorted=False).indices + prompt.begin
        fresh = torch.cat([torch.arange(prompt.begin, device=self.device),
                           torch.arange(prompt.end, len(v), device=self.device)])
        return torch.cat([fresh, best]).sort().values

    def blend(self, ids, prompt, keep, attention):
        """-> token, logits, positions of the active rows. `attention(positions, N)` makes the function that attends."""
        n, q_heads = len(ids), self.shape.q_heads
        self.inject(prompt)
        h = F.embedding(ids, self.embedding)
        for index in range(CHECK_LAYER):
            h = self.full_layer(index, self.layers[index], h, n)
        layer = self.layers[CHECK_LAYER]
        qk, v = self.project(layer, h)
        active = self.select(prompt, v, keep)
        self.kv[0, CHECK_LAYER, :n] = self.rotate(qk[:, q_heads:], self.cos[:n], self.sin[:n])
        self.kv[1, CHECK_LAYER, :n] = v
        cos, sin, h = self.cos[active], self.sin[active], h[active]
        q = self.rotate(qk[active, :q_heads], cos, sin)
        attend = attention(active, n)
        h = self.finish(layer, h, attend(q, self.kv[0, CHECK_LAYER, :n], self.kv[1, CHECK_LAYER, :n]))
        for index in range(CHECK_LAYER + 1, self.shape.layers):
            layer = self.layers[index]
            qk, v = self.project(layer, h)
            qk = self.rotate(qk, cos, sin)
            keys, values = self.kv[0, index, :n], self.kv[1, index, :n]
            keys.index_copy_(0, active, qk[:, q_heads:])
            values.index_copy_(0, active, v)
            h = self.finish(layer, h, attend(qk[:, :q_heads], keys, values))
        return *self.next_token(h[-1]), active

    def masked_attention(self, positions, n):
        """scaled_dot_product_attention with an additive mask, which the flash kernel has not; KV heads as batch, so that none is copied."""
        s = self.shape
        hidden = torch.arange(n, device=self.device) > positions[:, None]
        mask = torch.zeros(len(positions), n, device=self.device, dtype=self.dtype).masked_fill_(hidden, -math.inf)
        shared = lambda x: x.transpose(0, 1)[:, None].expand(-1, s.q_heads // s.kv_heads, -1, -1)

        def attend(q, k, v):
            grouped = q.view(len(q), s.kv_heads, -1, s.head).permute(1, 2, 0, 3)
            out = F.scaled_dot_product_attention(grouped, shared(k), shared(v), attn_mask=mask[None, None].expand(*grouped.shape[:2], -1, -1))
            return out.permute(2, 0, 1, 3).reshape(len(q), -1)

        return attend

    def decode(self, token, position):
        """`token` [1] at `position`; KV before it is there."""
        h = F.embedding(token, self.embedding)
        for index, layer in enumerate(self.layers):
            qk, v = self.project(layer, h)
            qk = self.rotate(qk, self.cos[position:position + 1], self.sin[position:position + 1])
            self.kv[0, index, position], self.kv[1, index, position] = qk[0, self.shape.q_heads:], v[0]
            seen = slice(0, position + 1)
            h = self.finish(layer, h, self.causal_attention(qk[:, :self.shape.q_heads], self.kv[0, index, seen], self.kv[1, index, seen]))
        return self.next_token(h[-1])


def flex_attention_of(twin):
    """FlexAttention, compiled: skips blocks of keys behind a block's last row."""
    from torch.nn.attention.flex_attention import create_block_mask, flex_attention
    compiled, block_mask = torch.compile(flex_attention, dynamic=False), torch.compile(create_block_mask)

    def attention(positions, n):
        visible = lambda b, h, row, key: key <= positions[row]
        mask = block_mask(visible, None, None, len(positions), n, device=twin.device)

        def attend(q, k, v):
            out = compiled(q.transpose(0, 1)[None], k.transpose(0, 1)[None], v.transpose(0, 1)[None], block_mask=mask, enable_gqa=True)
            return out[0].transpose(0, 1).reshape(len(q), -1)

        return attend

    return attention


# ---------------------------------------------------------------- timing

def synchronize(device):
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def timed(run, device, trials, warmup):
    """`run` gives a token on the device; timed until it is on the host. Figures in seconds; event_* between CUDA events."""
    wall, events = [], []
    for trial in range(warmup + trials):
        synchronize(device)
        marks = [torch.cuda.Event(enable_timing=True) for _ in range(2)] if device.type == "cuda" else None
        begin = time.perf_counter()
        if marks:
            marks[0].record()
        token = run()
        if marks:
            marks[1].record()
        token.item()
        elapsed = time.perf_counter() - begin
        if trial >= warmup:
            wall.append(elapsed)
            if marks:
                marks[1].synchronize()
                events.append(marks[0].elapsed_time(marks[1]) / 1000)
    return {**statistics(wall), "event_median": median(events) if events else None, "seconds": wall}


def median(values):
    ordered = sorted(values)
    return (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2


def statistics(values):
    mean = sum(values) / len(values)
    std = math.sqrt(sum((v - mean) ** 2 for v in values) / (len(values) - 1)) if len(values) > 1 else None
    return {"n": len(values), "mean": mean, "std": std, "median": median(values), "min": min(values), "max": max(values)}


# Kernels of scaled_dot_product_attention, first choice first. Flash takes the causal layers, memory-efficient the masked ones.
BACKENDS = {"eager": [SDPBackend.FLASH_ATTENTION, SDPBackend.EFFICIENT_ATTENTION],
            "cudnn": [SDPBackend.CUDNN_ATTENTION, SDPBackend.FLASH_ATTENTION, SDPBackend.EFFICIENT_ATTENTION]}


def with_backends(name, device, run):
    """`run` with the kernels of that name; ignored on a CPU."""
    def chosen():
        with sdpa_kernel(BACKENDS[name], set_priority=True) if device.type == "cuda" else contextlib.nullcontext():
            return run()

    return chosen


def graphed(run):
    """The launches of `run` as one CUDA graph."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        run()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        token = run()

    def replay():
        graph.replay()
        return token

    return replay


def card_rates(device):
    """Rates on random data: bf16 matrix product of 8192 x 8192 x 8192, and device-to-device copy, bytes read and written."""
    a, b = (torch.randn(8192, 8192, device=device, dtype=torch.bfloat16) for _ in range(2))
    copy = torch.empty(1 << 30, device=device, dtype=torch.float32).normal_()
    target = torch.empty_like(copy)

    def seconds(run, count=10):
        for _ in range(3):
            run()
        marks = [torch.cuda.Event(enable_timing=True) for _ in range(2)]
        marks[0].record()
        for _ in range(count):
            run()
        marks[1].record()
        marks[1].synchronize()
        return marks[0].elapsed_time(marks[1]) / 1000 / count

    return {"gemm_flops_per_second": 2 * 8192 ** 3 / seconds(lambda: a @ b),
            "copy_bytes_per_second": 2 * 4 * len(copy) / seconds(lambda: target.copy_(copy))}


class Timing:
    def __init__(self, options, twin):
        self.options, self.twin, self.begun = options, twin, time.monotonic()
        self.report = {"torch": torch.__version__, "device": str(twin.device), "trials": options.trials, "dtype": options.dtype, "rows": [], "decode": []}
        self.generator = torch.Generator().manual_seed(options.seed)

    def say(self, text):
        print(f"torch_twin {time.monotonic() - self.begun:6.1f} s  {text}", flush=True)

    def write(self):
        partial = self.options.out + ".part"
        with open(partial, "w") as file:
            json.dump(self.report, file, indent=1)
        os.replace(partial, self.options.out)

    def random_ids(self, count):
        return torch.randint(3, self.twin.shape.vocabulary, (count,), generator=self.generator)

    def prompt(self, length):
        ids = torch.cat([torch.tensor([1]), self.random_ids(length - 1)])
        begin, end = 1, length - self.options.suffix_tokens
        cuts = list(range(begin, end, self.options.chunk_tokens)) + [end]
        return Prompt(ids, [self.twin.collect(ids[a:b], 1) for a, b in zip(cuts, cuts[1:])], begin, end)

    def keep(self, prompt, ratio):
        return math.ceil(ratio * (prompt.end - prompt.begin) - 1e-9)

    def figures_of(self, run):
        return timed(run, self.twin.device, self.options.trials, self.options.warmup)

    def variant(self, arm, name, run):
        """Times the variant; records the error if it fails."""
        try:
            arm[name] = self.figures_of(run())
            self.say(f"  {name:14} {arm[name]['mean'] * 1e3:8.2f} ms")
        except Exception as failure:  # a variant is optional, whatever it fails with
            arm[name] = {"failed": f"{type(failure).__name__}: {failure}"[:300]}
            self.say(f"  {name:14} failed: {arm[name]['failed'][:120]}")

    def time_length(self, length):
        twin, device = self.twin, self.twin.device
        prompt = self.prompt(length)
        ids = torch.empty(length, dtype=torch.long, device=device)
        host = prompt.ids.pin_memory() if device.type == "cuda" else prompt.ids
        row = {"length": length, "arms": {}}
        self.report["rows"].append(row)
        runs = {"full_prefill": lambda: twin.prefill(ids)[0]}
        for ratio in self.options.ratios:
            keep = self.keep(prompt, ratio)
            runs[f"cacheblend@{ratio}"] = lambda keep=keep: twin.blend(ids, prompt, keep, twin.masked_attention)[0]
        for name, run in runs.items():
            self.say(f"{length} {name}")
            self.time_arm(row["arms"].setdefault(name, {}), lambda run=run: (ids.copy_(host, non_blocking=True), run())[1])
            self.write()

    def time_arm(self, arm, run):
        device = self.twin.device
        for name in BACKENDS if device.type == "cuda" else ["eager"]:
            self.variant(arm, name, lambda: with_backends(name, device, run))
        works = [name for name in arm if "mean" in arm[name]]
        if device.type == "cuda" and works:
            fastest = min(works, key=lambda name: arm[name]["mean"])
            self.variant(arm, "graph", lambda: graphed(with_backends(fastest, device, run)))

    def time_flex(self, lengths):
        """FlexAttention compiles for each shape: as many as fit the time."""
        attention, begun = flex_attention_of(self.twin), time.monotonic()
        for length in lengths:
            prompt = self.prompt(length)
            ids = prompt.ids.to(self.twin.device)
            for ratio in self.options.ratios:
                if time.monotonic() - begun > self.options.flex_seconds:
                    self.say("flex: its time is used up")
                    return
                self.say(f"{length} cacheblend@{ratio}")
                arm = next(r for r in self.report["rows"] if r["length"] == length)["arms"][f"cacheblend@{ratio}"]
                keep = self.keep(prompt, ratio)
                run = lambda: self.twin.blend(ids, prompt, keep, attention)[0]
                self.variant(arm, "flex", lambda: with_backends("eager", self.twin.device, run))
                self.write()

    def time_decode(self, length):
        twin, count = self.twin, self.options.new_tokens
        self.say(f"{length} decode, {count} tokens")
        twin.prefill(self.random_ids(length).to(twin.device))
        row = {"length": length, "new_tokens": count}
        self.report["decode"].append(row)
        per_token = []
        for _ in range(3):  # the first warms up
            token = torch.tensor([5], device=twin.device)
            synchronize(twin.device)
            begin = time.perf_counter()
            for step in range(count):
                token = twin.decode(token, length + step)[0].view(1)
                token.item()
            per_token.append((time.perf_counter() - begin) / count)
        row["eager"] = statistics(per_token[1:])
        if twin.device.type == "cuda":
            # A graph holds one position: that in the middle of the run.
            static = torch.tensor([5], device=twin.device)
            self.variant(row, "graph", lambda: graphed(lambda: twin.decode(static, length + count // 2)[0]))
        self.say(f"  eager          {row['eager']['mean'] * 1e3:8.2f} ms a token")
        self.write()


def integers(text):
    return [int(x) for x in text.split(",")]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", required=True, help="folder of config.json")
    parser.add_argument("--out", required=True, help="file for the results, JSON; rewritten after each measurement")
    parser.add_argument("--device", default="cuda:0")
    parser.add_argument("--dtype", default="bf16", choices=("bf16", "fp16", "fp32"))
    parser.add_argument("--lengths", type=integers, default=integers("512,1024,2048,4096,8192,16384"))
    parser.add_argument("--ratios", type=lambda text: [float(x) for x in text.split(",")], default=[0.15, 0.3])
    parser.add_argument("--chunk-tokens", type=int, default=512)
    parser.add_argument("--suffix-tokens", type=int, default=32)
    parser.add_argument("--decode-lengths", type=integers, default=integers("512,8192"))
    parser.add_argument("--new-tokens", type=int, default=128)
    parser.add_argument("--trials", type=int, default=7)
    parser.add_argument("--warmup", type=int, default=3)
    parser.add_argument("--flex-seconds", type=float, default=60, help="time for FlexAttention, which compiles for each shape")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    device = torch.device(options.device)
    dtype = {"bf16": torch.bfloat16, "fp16": torch.float16, "fp32": torch.float32}[options.dtype]
    shape = Shape.read(options.config)
    if device.type == "cuda":
        torch.cuda.set_device(device)
    with torch.inference_mode():
        capacity = max(options.lengths + [n + options.new_tokens for n in options.decode_lengths])
        twin = Twin(shape, random_weights(shape, device, dtype, options.seed), capacity, device, dtype)
        timing = Timing(options, twin)
        if device.type == "cuda":
            timing.report["name"] = torch.cuda.get_device_name(device)
            timing.report["rates"] = card_rates(device)
            torch.cuda.empty_cache()
        for length in options.lengths:
            timing.time_length(length)
        for length in options.decode_lengths:
            timing.time_decode(length)
        if device.type == "cuda" and options.flex_seconds > 0:
            timing.time_flex(sorted(options.lengths, key=lambda n: (n != 8192, n != 4096, -n)))
        timing.report["seconds"] = time.monotonic() - timing.begun
        timing.write()


if __name__ == "__main__":
    main()
