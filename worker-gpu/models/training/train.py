#!/usr/bin/env python3
"""Trains the pocket model from scratch on generated text, for a fixed time; see README.md.

Causal language modelling with full attention: one prompt per row, loss on all tokens, a higher weight on answers and
summaries. Training starts with short rows of easy prompts. Muon optimises the matrices, AdamW the embedding and the norms.
The learning rate is a function of elapsed time: warm-up, constant, linear decay to zero.
"""
import argparse
import json
import time

import torch

from corpus.rows import TokenClass
from learning import checkpoint
from learning.feed import Feed
from learning.model import Pocket, Shape
from learning.muon import Muon
from learning.validation import Validation

BOS_ID, EOS_ID = 1, 2
RATE_WARM_UP_STEPS = 60
VALIDATE_EVERY_LOGS = 5


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("tokenizer", help="folder with tokenizer.json and tokenizer_config.json")
    parser.add_argument("out", help="folder for the checkpoint")
    parser.add_argument("--init", help="checkpoint to initialise the weights from")
    defaults = dict(
        seconds=480.0, seed=1, device="cuda", compile=1, workers=14, shards="/dev/shm/pocket", log=100,
        layers=10, dim=256, heads=8, kv_heads=2, head_dim=64, ffn=768, vocab=4096, theta=10000.0,
        short_length=512, short_rows=192, short_share=.16, length=1280, rows=64,
        lr=.02, adam_lr=.004, decay_from=.5, text_weight=.08, summary_weight=.5, chat_share=.2)
    for name, value in defaults.items():
        parser.add_argument("--" + name.replace("_", "-"), type=type(value), default=value, help=" ")
    return parser.parse_args()


class Training:
    def __init__(self, options):
        from tokenizers import Tokenizer

        self.options = options
        torch.manual_seed(options.seed)
        torch.set_float32_matmul_precision("high")
        self.shape = Shape(**{name: getattr(options, name) for name in Shape.__dataclass_fields__})
        self.model = Pocket(self.shape, max(options.length, options.short_length)).to(options.device)
        if options.init:
            checkpoint.load_into(self.model, options.init)
        self.parameter_count = sum(parameter.numel() for parameter in self.model.parameters())
        hidden = {name: p for name, p in self.model.named_parameters() if p.ndim == 2 and "embed" not in name}
        others = [p for name, p in self.model.named_parameters() if name not in hidden]
        self.muon = Muon(list(hidden.values()))
        self.adam = torch.optim.AdamW(others, lr=options.adam_lr, betas=(.9, .95), weight_decay=0, fused=self.on_gpu)
        self.class_weights = torch.zeros(len(TokenClass), device=options.device)
        self.class_weights[TokenClass.TEXT] = options.text_weight
        self.class_weights[TokenClass.ANSWER] = 1
        self.class_weights[TokenClass.SUMMARY] = options.summary_weight
        tokenizer = Tokenizer.from_file(f"{options.tokenizer}/tokenizer.json")
        self.validation = Validation(tokenizer, options.length, BOS_ID, EOS_ID, options.device)
        self.step = self.tokens = 0
        self.wait_seconds = 0.0
        self.history = []

    @property
    def on_gpu(self):
        return self.options.device.startswith("cuda")

    def autocast(self):
        return torch.autocast(self.options.device.split(":")[0], torch.bfloat16, enabled=self.on_gpu)

    def validate(self):
        with self.autocast():
            return self.validation.shares(self.model)

    def compile(self):
        """Compiles before the time is measured: one step of each size with a learning rate of 0."""
        self.model.compile_layers()
        options = self.options
        for rows, length in ((options.short_rows, options.short_length), (options.rows, options.length)):
            ids = torch.full((rows, length - 1), EOS_ID, device=options.device)
            with self.autocast():
                loss, _ = self.model(ids, ids, torch.ones(ids.shape, device=options.device))
            loss.backward()
            self.muon.step(0.0)
            self.model.zero_grad(set_to_none=True)
        self.validate()
        self.muon.reset()

    def learn(self, batch, share_done):
        ids, classes = batch.to(self.options.device, non_blocking=True).long()
        targets, target_classes = ids[:, 1:], classes[:, 1:]
        decay = (1 - share_done) / (1 - self.options.decay_from)
        rate = min(1, (self.step + 1) / RATE_WARM_UP_STEPS) * min(1, decay)
        for group in self.adam.param_groups:
            group["lr"] = self.options.adam_lr * rate
        with self.autocast():
            loss, hits = self.model(ids[:, :-1], targets, self.class_weights[target_classes])
        loss.backward()
        self.muon.step(self.options.lr * rate)
        self.adam.step()
        self.model.zero_grad(set_to_none=True)
        self.step += 1
        self.tokens += targets.numel()
        return loss, hits, target_classes

    def run(self, feed):
        begin = time.monotonic()
        while (share_done := (time.monotonic() - begin) / self.options.seconds) < 1:
            if feed.stage == 0 and share_done >= self.options.short_share:
                feed.advance()
            requested = time.monotonic()
            stage, batch = feed.next_batch()
            self.wait_seconds += time.monotonic() - requested
            outcome = self.learn(batch, share_done)
            if self.step % self.options.log == 0 or self.step in (1, 10):
                self.log(time.monotonic() - begin, stage, *outcome)
        return time.monotonic() - begin

    def log(self, seconds, stage, loss, hits, classes):
        row = dict(step=self.step, seconds=round(seconds, 1), tokens=self.tokens, stage=stage, loss=round(loss.item(), 4), waited=round(self.wait_seconds, 2))
        for kind in (TokenClass.TEXT, TokenClass.ANSWER, TokenClass.SUMMARY):
            row[kind.name.lower()] = round(hits[classes == kind].float().mean().item(), 4)
        if self.step % (self.options.log * VALIDATE_EVERY_LOGS) == 0:
            row.update({kind: round(share, 3) for kind, share in self.validate().items()})
        self.history.append(row)
        print(json.dumps(row), flush=True)


def main():
    options = parse()
    training = Training(options)
    stages = [(options.short_length, options.short_rows), (options.length, options.rows)]
    first_stage = 0 if options.short_share > 0 else 1
    tokenizer_file = f"{options.tokenizer}/tokenizer.json"
    with Feed(options.shards, tokenizer_file, options.seed, options.chat_share, stages, first_stage, options.workers, training.on_gpu) as feed:
        if options.compile:
            training.compile()
        seconds = training.run(feed)
    checkpoint.save(training.model, training.shape, options.tokenizer, options.out)
    summary = dict(steps=training.step, tokens=training.tokens, seconds=round(seconds, 1), parameters=training.parameter_count, validation=training.validate())
    print(json.dumps(summary), flush=True)
    checkpoint.write_log(options.out, options, training.shape, **summary, history=training.history)


if __name__ == "__main__":
    main()
