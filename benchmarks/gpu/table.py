#!/usr/bin/env python3
"""Writes table.json and table.md from what `run` has measured so far.

usage: table.py DIR        DIR as given to `run --out`; needs Python 3 alone
"""
import datetime
import json
import math
import os
import sys

EAGER = ["eager", "cudnn", "flex"]


def read(*path):
    try:
        with open(os.path.join(*path)) as file:
            return json.load(file)
    except FileNotFoundError:
        return None


def lines(*path):
    """Objects of a JSONL file; a last line that was cut off is left out."""
    try:
        with open(os.path.join(*path)) as file:
            return [json.loads(line) for line in file if line.endswith("\n")]
    except FileNotFoundError:
        return []


def summary(values):
    if not values:
        return None
    mean = sum(values) / len(values)
    std = math.sqrt(sum((v - mean) ** 2 for v in values) / (len(values) - 1)) if len(values) > 1 else None
    return {"n": len(values), "mean": mean, "std": std, "min": min(values), "max": max(values)}


def product_trials(folder):
    """-> {(length, arm): [trial]}; warm-up and trials that do not count left out."""
    trials = {}
    for line in lines(folder, "trials.jsonl"):
        if line["phase"] != "warmup" and line["valid"] and "seconds" in line:
            trials.setdefault((line["length"], line["arm"]), []).append(line)
    return trials


def seconds(trials, name):
    return summary([t["seconds"][name] for t in trials])


def multiply_adds(config, length, ratio, suffix):
    """Multiplications of matrix products and attention: of full prefill, or of blending with rows spread evenly."""
    hidden, inner, count = config["hidden_size"], config["intermediate_size"], config["num_hidden_layers"]
    heads = config["num_attention_heads"]
    head = config.get("head_dim") or hidden // heads
    query, kv = heads * head, config["num_key_value_heads"] * head
    row = hidden * (2 * query + 2 * kv) + 3 * hidden * inner
    output = hidden * config["vocab_size"]
    everything = row * length + query * length * (length + 1)
    if ratio is None:
        return count * everything + output
    fresh, chosen = suffix + 1, math.ceil(ratio * (length - suffix - 1) - 1e-9)
    active = row * (fresh + chosen) + 2 * query * (chosen * length / 2 + suffix * (length - suffix / 2))
    check = hidden * (query + 2 * kv) * (length - fresh - chosen)  # layer 1 projects all rows
    return everything + check + (count - 1) * active + output


def twin_arm(twin, length, arm):
    """-> fastest eager variant, graph: their means in seconds, None where there is none."""
    row = next((r for r in (twin or {}).get("rows", []) if r["length"] == length), {"arms": {}})
    named = {name.replace("@0.3", "@0.30") if name.endswith("@0.3") else name: of for name, of in row["arms"].items()}
    means = {name: of["mean"] for name, of in named.get(arm, {}).items() if "mean" in of}
    return min((means[v] for v in EAGER if v in means), default=None), means.get("graph")


def ratio_of(a, b):
    return a / b if a and b else None


def ttft_rows(out, twin, run):
    trials = product_trials(os.path.join(out, "ttft"))
    rate = ((twin or {}).get("rates") or {}).get("gemm_flops_per_second")
    rows = []
    arms = run["arms"].split(",")
    for length in sorted({n for n, _ in trials} | {r["length"] for r in (twin or {}).get("rows", [])}):
        full = seconds(trials.get((length, "full_prefill"), []), "client_ttft")
        for arm in arms:
            of = trials.get((length, arm), [])
            client, worker = seconds(of, "client_ttft"), seconds(of, "worker_ttft")
            torch, graph = twin_arm(twin, length, arm)
            ratio = float(arm.split("@")[1].split(":")[0]) if arm.startswith("cacheblend@") else None
            bound = None
            if rate and (ratio or arm == "full_prefill"):
                bound = 2 * multiply_adds(run["config"], length, ratio, run["suffix_tokens"]) / rate
            if client or torch:
                rows.append({"length": length, "arm": arm, "client_ttft": client, "worker_ttft": worker,
                             "torch_eager": torch, "torch_graph": graph, "gemm_rate_bound": bound,
                             "to_torch_eager": ratio_of(client and client["mean"], torch),
                             "to_torch_graph": ratio_of(client and client["mean"], graph),
                             "speedup": ratio_of(full and full["mean"], client and client["mean"])})
    return rows


def decode_rows(out, twin):
    rows = []
    for (length, _), of in sorted(product_trials(os.path.join(out, "decode")).items()):
        per_token = summary([(t["seconds"]["client_last_token"] - t["seconds"]["client_ttft"]) / (t["new_tokens"] - 1) for t in of])
        torch = next((r for r in (twin or {}).get("decode", []) if r["length"] == length), {})
        eager, graph = (torch.get(name, {}).get("mean") for name in ("eager", "graph"))
        rows.append({"length": length, "seconds_per_token": per_token, "torch_eager": eager, "torch_graph": graph,
                     "to_torch_eager": ratio_of(per_token["mean"], eager), "to_torch_graph": ratio_of(per_token["mean"], graph)})
    return rows


def quality_rows(out):
    rows = []
    for dataset in ("pocketwiki", "pocketchat"):
        result = read(out, "quality-" + dataset, "result.json")
        for arm, of in (result or {}).get("arms", {}).items():
            score = of["scores"][result["metric"]]
            rows.append({"dataset": dataset, "metric": result["metric"], "n": result["n"], "arm": arm,
                         "score": score["mean"], "low95": score["low95"], "high95": score["high95"]})
    return rows


def samples_per_second(folder):
    """-> workers, rate from the first start of a sample to the last one: no process starts or ends in between, and a worker that is done early counts as idle."""
    samples = lines(folder, "samples.jsonl")
    starts = [datetime.datetime.fromisoformat(s["started_at"][:23].rstrip("Z")).timestamp() for s in samples]
    workers = len({s["worker"] for s in samples})
    return (workers, (len(starts) - workers) / (max(starts) - min(starts))) if len(starts) > workers else None


def scaling(out):
    one, more = (samples_per_second(os.path.join(out, name)) for name in ("scaling-1", "scaling-all"))
    if not one or not more:
        return None
    return {"samples_per_second_one_worker": one[1], "workers": more[0], "samples_per_second": more[1], "ratio": more[1] / one[1]}


def cell(value, scale=1e3, form="%.1f"):
    return "" if value is None else form % (value * scale)


def spread(of):
    return "" if of is None else "%.1f" % (of["mean"] * 1e3) + ("" if of["std"] is None else " ± %.1f" % (of["std"] * 1e3))


def times(value):
    return cell(value, 1, "%.2fx")


def markdown(table):
    run, device = table["run"], table["run"].get("device_before") or {}
    text = ["# %s" % (device.get("name") or run["device"]), ""]
    text += ["%s, %s trials, %s, model `%s`%s. Times in ms." % (
        run["date"], run["trials"], run["dtype"], run["config_name"], "".join(
            ", %s %s" % (k.replace("_", " "), device[k]) for k in ("driver_version", "clocks.sm", "clocks.max.sm", "power.limit") if k in device)), ""]
    rates = table.get("rates")
    if rates:
        text += ["Measured on the GPU: bf16 matrix product %.0f TFLOP/s, copy %.2f TB/s." % (
            rates["gemm_flops_per_second"] / 1e12, rates["copy_bytes_per_second"] / 1e12), ""]
    if table["ttft"]:
        text += ["| tokens | arm | client TTFT | worker TTFT | speed-up | PyTorch | ours / PyTorch | PyTorch, CUDA graph | ours / graph | GEMM-rate bound |",
                 "|---|---|---|---|---|---|---|---|---|---|"]
        text += ["| %d | %s | %s | %s | %s | %s | %s | %s | %s | %s |" % (
            r["length"], r["arm"], spread(r["client_ttft"]), spread(r["worker_ttft"]), times(r["speedup"]), cell(r["torch_eager"]),
            times(r["to_torch_eager"]), cell(r["torch_graph"]), times(r["to_torch_graph"]), cell(r["gemm_rate_bound"])) for r in table["ttft"]] + [""]
    if table["decode"]:
        text += ["| prompt tokens | decode, ms a token | tokens a second | PyTorch | ours / PyTorch | PyTorch, CUDA graph |", "|---|---|---|---|---|---|"]
        text += ["| %d | %s | %.0f | %s | %s | %s |" % (
            r["length"], cell(r["seconds_per_token"]["mean"], 1e3, "%.2f"), 1 / r["seconds_per_token"]["mean"], cell(r["torch_eager"], 1e3, "%.2f"),
            times(r["to_torch_eager"]), cell(r["torch_graph"], 1e3, "%.2f")) for r in table["decode"]] + [""]
    if table["quality"]:
        text += ["| embedded model | metric | arm | score (95 %) | n |", "|---|---|---|---|---|"]
        text += ["| %s | %s | %s | %.3f (%.3f to %.3f) | %d |" % (
            r["dataset"], r["metric"], r["arm"], r["score"], r["low95"], r["high95"], r["n"]) for r in table["quality"]] + [""]
    if table["scaling"]:
        s = table["scaling"]
        text += ["One worker %.1f samples/s, %d workers %.1f samples/s: %.2fx." % (
            s["samples_per_second_one_worker"], s["workers"], s["samples_per_second"], s["ratio"]), ""]
    text += ["Steps: " + ", ".join("%s %s" % step for step in run["steps"].items()) + ".", ""]
    return "\n".join(text)


def write(out):
    run, twin = read(out, "run.json"), read(out, "torch.json")
    table = {"run": run, "rates": (twin or {}).get("rates"), "torch": (twin or {}).get("torch"),
             "ttft": ttft_rows(out, twin, run), "decode": decode_rows(out, twin),
             "quality": quality_rows(out), "scaling": scaling(out)}
    with open(os.path.join(out, "table.json"), "w") as file:
        json.dump(table, file, indent=1)
    with open(os.path.join(out, "table.md"), "w") as file:
        file.write(markdown(table))


if __name__ == "__main__":
    write(sys.argv[1])
