#!/usr/bin/env python3
"""Scores arms on evaluation items, greedy, float32, in batches; see README.md."""
import argparse
import json
from pathlib import Path

import torch
from tokenizers import Tokenizer

from blending.arms import ARMS
from blending.evaluation import Evaluation, table
from blending.model import Model


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("items", type=Path, help="pocketwiki*.json, pocketchat*.json or pocketretrieval*.json")
    parser.add_argument("out", type=Path)
    parser.add_argument("--arms", nargs="+", choices=ARMS, default=list(ARMS), metavar="ARM", help="arms to score; differences are to the first one")
    parser.add_argument("--samples", type=int, default=1000)
    parser.add_argument("--batch", type=int, default=50, help="prompts per batch; fewer if they are long")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    return parser.parse_args()


@torch.inference_mode()
def main():
    options = parse()
    torch.backends.cuda.matmul.allow_tf32 = False
    model = Model(options.checkpoint, options.device)
    tokenizer = Tokenizer.from_file(str(options.checkpoint / "tokenizer.json"))
    evaluation = Evaluation(model, tokenizer, options.items, options.samples, options.batch)
    evaluation.run(options.arms)
    results = evaluation.results(options.arms[0])
    print("\n".join(table(results)), flush=True)
    options.out.write_text(json.dumps(results, indent=1, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()
