#!/usr/bin/env python3
"""Makes blend.json and selectors.json of golden checkpoints with the modules of Hugging Face transformers, and low_precision.json where the head
size allows 16 bits.

    pip install torch==2.13.0 transformers==5.18.0
    make_blend_golden.py NAME...             # folders of ../resources/golden with a checkpoint and reference.json
    make_blend_golden.py --check NAME...     # compares with the files that are there, by whatever they were made, and writes nothing
"""
import itertools
import json
import sys

import numpy as np
import torch

import make_golden
from make_transformers_golden import GOLDEN
from transformers_blend import Model, answer

DTYPES = {"bf16": torch.bfloat16, "fp16": torch.float16}
PROMPTS = [make_golden.PROMPTS[1], make_golden.PROMPTS[3]]
FILES = {"blend.json": make_golden.METHODS, "selectors.json": [dict(method="cacheblend") | selector for selector in make_golden.SELECTORS]}


def read(name, file):
    return json.loads((GOLDEN / name / file).read_text())


def cases(model, methods, seed):
    made = []
    for request in make_golden.requests(np.random.default_rng(seed), methods, PROMPTS):
        result, _ = answer(model, request)
        make_golden.check(request, result)
        made.append(dict(request=request, result=result))
    return made


def make(name):
    model = Model(GOLDEN / name)
    for file, methods in FILES.items():
        # The first prompts without a choice that hangs on rounding.
        for seed in itertools.count(1):
            try:
                made = cases(model, methods, seed)
                break
            except AssertionError as tie:
                print(name, file, "seed", seed, tie)
        (GOLDEN / name / file).write_text(json.dumps(made) + "\n")
        print(name, file, len(made), "cases of seed", seed)
    if model.head_size() % 8 == 0:
        table = {dtype: errors(name, Model(GOLDEN / name, element)) for dtype, element in DTYPES.items()}
        (GOLDEN / name / "low_precision.json").write_text(json.dumps(table, indent=1) + "\n")


def summary(values):
    rounded = lambda value: float(f"{value:.4g}")
    rms = (sum(value * value for value in values) / len(values)) ** 0.5
    return dict(values=len(values), max=rounded(max(map(abs, values))), rms=rounded(rms))


def errors(name, model):
    """Of the log-probabilities of the five best first tokens, and of each later token, with the rows and tokens of the exact run."""
    found = dict(full_prefill=[], blend=[])
    listed = [(case["request"], case["result"]) for case in read(name, "blend.json")]
    for run in read(name, "reference.json")["runs"]:
        best = sorted(enumerate(run["last_logits"]), key=lambda logit: -logit[1])[:5]
        listed.append((
            dict(segments=[dict(token_ids=run["prompt_token_ids"])], method="full_prefill"),
            dict(token_ids=run["greedy_token_ids"], logprobs=run["greedy_logprobs"], first_logits_top5=best)))
    for request, exact in listed:
        actual, first = answer(model, request, exact)
        # What the exact logits are short of being log-probabilities.
        shift = exact["logprobs"][0] - exact["first_logits_top5"][0][1]
        found["full_prefill" if request["method"] == "full_prefill" else "blend"] += (
            [first[token] - (logit + shift) for token, logit in exact["first_logits_top5"]]
            + [a - e for a, e in zip(actual["logprobs"][1:], exact["logprobs"][1:])])
    return {kind: summary(values) for kind, values in found.items()}


def check(name):
    model = Model(GOLDEN / name)
    for file in FILES:
        different, worst = 0, 0
        for case in read(name, file):
            expected, (actual, _) = case["result"], answer(model, case["request"])
            different += any(actual[field] != expected[field] for field in ("token_ids", "recomputed_positions"))
            worst = max([worst] + [abs(a - e) for a, e in zip(actual["logprobs"], expected["logprobs"])])
        print(name, file, "cases that differ:", different, "largest difference of a log-probability:", worst)


if __name__ == "__main__":
    names = sys.argv[1:]
    for name in names[1:] if names[:1] == ["--check"] else names:
        (check if names[0] == "--check" else make)(name)
