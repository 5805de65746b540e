#!/usr/bin/env python3
"""Scores arms on evaluation items, greedy, float32, in batches; see README.md."""
import argparse
import json
from pathlib import Path

import torch
from tokenizers import Tokenizer

from blending.arms import ARMS
from blending.batch import Batch
from blending.model import Model
from blending.scores import METRICS, mean_with_half_width
from corpus.prompts import TEMPLATES


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("items", type=Path, help="pocketwiki*.json or pocketchat*.json")
    parser.add_argument("out", type=Path)
    parser.add_argument("--arms", nargs="+", choices=ARMS, default=list(ARMS), metavar="ARM", help="arms to score; differences are to the first one")
    parser.add_argument("--samples", type=int, default=1000)
    parser.add_argument("--batch", type=int, default=50)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    return parser.parse_args()


def template_for(path):
    for name, template in TEMPLATES.items():
        if path.name.startswith(name):
            return template
    raise SystemExit(f"evaluate.py: {path}: the name must begin with one of {', '.join(TEMPLATES)}")


def segments(tokenizer, model, template, item):
    """BOS, prefix, documents and question, each encoded separately. -> [(token ids, cached)]"""

    def encode(text):
        return tokenizer.encode(text, add_special_tokens=False).ids

    documents = [template["document"].format(text=document["text"]) for document in item["ctxs"]]
    cached = [(encode(text), True) for text in [template["prefix"], *documents]]
    return [([model.bos], False), *cached, (encode(template["question"].format(question=item["question"])), False)]


def answers(model, tokenizer, template, items, arms, batch_size):
    """-> {arm: [(text, share of cached rows computed)]}"""
    stops = {model.eos} | {token for text, token in tokenizer.get_vocab().items() if "Ċ" in text}
    found = {name: [] for name in arms}
    for start in range(0, len(items), batch_size):
        batch = Batch(model, [segments(tokenizer, model, template, item) for item in items[start:start + batch_size]])
        for name in arms:
            logits, kv, active = batch.prefill(ARMS[name], seed=start)
            shares = ((active & batch.eligible).sum(1) / batch.eligible.sum(1)).tolist()
            tokens = batch.decode(logits, kv, template["max_new_tokens"], stops)
            found[name] += [(tokenizer.decode(t).strip(), share) for t, share in zip(tokens, shares)]
    return found


@torch.inference_mode()
def main():
    options = parse()
    torch.backends.cuda.matmul.allow_tf32 = False
    model = Model(options.checkpoint, options.device)
    tokenizer = Tokenizer.from_file(str(options.checkpoint / "tokenizer.json"))
    template = template_for(options.items)
    items = json.loads(options.items.read_text(encoding="utf-8"))[:options.samples]
    metric, result, base = METRICS[template["metric"]], {}, None
    for name, given in answers(model, tokenizer, template, items, options.arms, options.batch).items():
        scores = [max(metric(text, answer) for answer in item["answers"]) for (text, _), item in zip(given, items)]
        base = base or scores
        mean, half_width = mean_with_half_width(scores)
        difference, difference_half_width = mean_with_half_width([score - reference for score, reference in zip(scores, base)])
        computed = sum(share for _, share in given) / len(given)
        result[name] = dict(
            score=mean, half_width_95=half_width, difference=difference, difference_half_width_95=difference_half_width,
            computed_share=computed, n=len(scores), scores=scores, answers=[text for text, _ in given])
        print(f"{name:30} {mean:.3f} ± {half_width:.3f}   difference {difference:+.3f} ± {difference_half_width:.3f}   rows {computed:.3f}", flush=True)
    options.out.write_text(json.dumps(result, indent=1, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()
