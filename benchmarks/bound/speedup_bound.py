#!/usr/bin/env python3
"""Computes the upper bound of the speed-up of cacheblend on the embedded model: arithmetic of full prefill divided by that of blending.

usage: speedup_bound.py [TOKENS [RATIO]]      default 4096 0.15; needs Python 3 only; builds the project

`cacheblend generate` reports the rows of a benchmark prompt that stay active. The matrix products of both arms are counted:
projections of the computed rows, and their attention to all keys up to their own. In the last layer all rows write KV, and only
the last row has a query. The output layer and all other operations are excluded.
"""
import gzip
import json
import os
import subprocess
import sys
import tempfile

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
CHUNK_TOKENS, SUFFIX_TOKENS, CHECK_LAYER = 512, 32, 1


def generate(segments, ratio):
    request = {"segments": segments, "method": "cacheblend", "recompute_ratio": ratio, "check_layer": CHECK_LAYER}
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(request, file)
        file.flush()
        command = [os.path.join(ROOT, "cacheblend"), "generate", "--request", file.name]
        return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def prompt(text, characters_per_token, tokens):
    """BOS, chunks and suffix of about `tokens` tokens, as text."""
    cut = lambda begin, end: text[int(begin * characters_per_token):int(end * characters_per_token)]
    end = tokens - SUFFIX_TOKENS
    chunks = [cut(at, min(at + CHUNK_TOKENS, end)) for at in range(0, end, CHUNK_TOKENS)]
    return [{"token_ids": [1]}] + [{"text": c, "cache": True} for c in chunks] + [{"text": cut(end, tokens)}]


def multiplications(config, tokens, active):
    """-> of full prefill, of blending."""
    hidden, inner, layers = config["hidden_size"], config["intermediate_size"], config["num_hidden_layers"]
    query, kv = (config[name] * config["head_dim"] for name in ("num_attention_heads", "num_key_value_heads"))
    row = hidden * (2 * query + 2 * kv) + 3 * hidden * inner
    attend = lambda rows: sum(2 * query * (position + 1) for position in rows)
    layer = lambda rows: row * len(rows) + attend(rows)
    everything = range(tokens)
    write_kv = lambda count: 2 * hidden * kv * count
    full = (layers - 1) * layer(everything) + write_kv(tokens)
    # Queries, attention and the rest of the check layer: active rows alone. Keys and values there: all rows.
    blend = CHECK_LAYER * layer(everything) + (layers - 1 - CHECK_LAYER) * layer(active)
    return full, blend + write_kv(tokens - len(active)) + write_kv(len(active))


def main():
    tokens = int(sys.argv[1]) if len(sys.argv) > 1 else 4096
    ratio = float(sys.argv[2]) if len(sys.argv) > 2 else 0.15
    with gzip.open(os.path.join(ROOT, "orchestrator/src/main/resources/text/corpus.txt.gz"), "rt", encoding="utf-8") as file:
        text = file.read()[50000:]
    with open(os.path.join(ROOT, "worker-gpu/models/pocket/config.json")) as file:
        config = json.load(file)
    sample = 4000
    characters_per_token = sample / (generate([{"text": text[:sample]}], ratio)["rows"]["prompt"])
    result = generate(prompt(text, characters_per_token, tokens), ratio)
    count, active = result["rows"]["prompt"], result["recomputed_positions"]
    full, blend = multiplications(config, count, active)
    print("%d tokens, %d active rows, mean position %.2f of the length" % (count, len(active), sum(active) / len(active) / count))
    print("%.1f against %.1f G multiplications: at most %.2fx" % (full / 1e9, blend / 1e9, full / blend))


if __name__ == "__main__":
    main()
