#!/usr/bin/env python3
"""Trains the pocket model on generated text, for a fixed time, and scores it; see README.md.

Causal language modelling with full attention: one prompt per row, loss on all tokens, a higher weight on answers and
summaries. Training starts with short rows of easy prompts; later steps alternate between rows of medium length and long
rows. Muon optimises the matrices, AdamW the embedding and the norms. The learning rate is a function of elapsed time:
warm-up, constant, linear decay to zero.
"""
import argparse
import json
import time
from pathlib import Path

START = time.monotonic()

import torch  # noqa: E402  the time limit includes the import

from corpus.rows import TokenClass  # noqa: E402
from learning import checkpoint  # noqa: E402
from learning.feed import Feed, Stream  # noqa: E402
from learning.final_scores import score  # noqa: E402
from learning.model import Pocket, Shape  # noqa: E402
from learning.muon import Muon  # noqa: E402
from learning.validation import Validation  # noqa: E402

BOS_ID, EOS_ID = 1, 2
RATE_WARM_UP_STEPS = 60
VALIDATE_EVERY_LOGS = 10
FIRST, MEDIUM, LONG = range(3)
VALIDATION_ROWS = 64, 16  # per kind of question, of medium and long rows


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("tokenizer", help="folder with tokenizer.json and tokenizer_config.json")
    parser.add_argument("out", help="folder for the checkpoint")
    parser.add_argument("--init", help="checkpoint to initialise the weights from")
    parser.add_argument("--evaluate", nargs="*", type=Path, default=[], metavar="ITEMS", help="files of evaluation items to score after training")
    defaults = dict(
        seconds=480.0, evaluation_seconds=90.0, save_seconds=100.0, seed=1, device="cuda", compile=1, workers=14, shards="/dev/shm/pocket", log=100,
        layers=10, dim=256, heads=8, kv_heads=2, head_dim=64, ffn=768, vocab=4096, theta=10000.0,
        short_length=512, short_rows=192, short_share=.1, length=1280, rows=64, long_length=4096, long_rows=20, long_share=.25,
        lr=.014, adam_lr=.0028, decay_from=.35, text_weight=.08, summary_weight=.5, value_weight=1.5,
        chat_share=.08, notes_share=.32, first_notes_share=.7, evaluation_samples=200)
    help_of = dict(
        seconds="limit for the whole run, evaluation included", evaluation_seconds="part of the limit that is reserved for the evaluation",
        save_seconds="interval between checkpoints", long_share="share of the steps with long rows")
    for name, value in defaults.items():
        parser.add_argument("--" + name.replace("_", "-"), type=type(value), default=value, help=help_of.get(name, " "))
    return parser.parse_args()


class Training:
    def __init__(self, options):
        from tokenizers import Tokenizer

        self.options = options
        torch.manual_seed(options.seed)
        torch.set_float32_matmul_precision("high")
        self.shape = Shape(**{name: getattr(options, name) for name in Shape.__dataclass_fields__})
        longest = max(options.long_length, options.length, options.short_length)
        self.model = Pocket(self.shape, longest).to(options.device)
        self.uncompiled = Pocket(self.shape, longest).to(options.device)  # for validation, whose shapes differ
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
        self.class_weights[TokenClass.VALUE] = options.value_weight
        tokenizer = Tokenizer.from_file(f"{options.tokenizer}/tokenizer.json")
        sizes = list(zip((options.length, options.long_length), VALIDATION_ROWS))
        self.validation = Validation(tokenizer, sizes, BOS_ID, EOS_ID, options.device)
        self.streams = [
            Stream("first", options.short_length, options.short_rows, .1, options.first_notes_share),
            Stream("short", options.length, options.rows, options.chat_share, options.notes_share),
            Stream("long", options.long_length, options.long_rows, 0, 1)]
        self.step = self.tokens = 0
        self.wait_seconds = self.long_due = 0.0
        self.history = []

    @property
    def on_gpu(self):
        return self.options.device.startswith("cuda")

    def demand(self, is_first):
        """Shares of tokens by stream; the next stage needs rows before it begins."""
        later = (1 - self.options.long_share) * .5, self.options.long_share * .5
        return [.5, *later] if is_first and self.options.short_share > 0 else [0, *(2 * share for share in later)]

    def autocast(self):
        return torch.autocast(self.options.device.split(":")[0], torch.bfloat16, enabled=self.on_gpu)

    def validate(self):
        self.uncompiled.load_state_dict(self.model.state_dict())
        with self.autocast():
            return self.validation.shares(self.uncompiled)

    def compile(self):
        """Compiles before the rate schedule begins: one step of each size with a learning rate of 0."""
        self.model.compile_layers()
        for stream in self.streams[MEDIUM if self.options.short_share == 0 else FIRST:]:
            ids = torch.full((stream.rows, stream.length - 1), EOS_ID, device=self.options.device)
            with self.autocast():
                loss, _ = self.model(ids, ids, torch.ones(ids.shape, device=self.options.device))
            loss.backward()
            self.muon.step(0.0)
            self.model.zero_grad(set_to_none=True)
        self.muon.reset()
        if self.on_gpu:
            torch.cuda.synchronize()
        print(f"compiled after {time.monotonic() - START:.1f} s", flush=True)

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

    def next_stream(self, share_done):
        if share_done < self.options.short_share:
            return FIRST
        self.long_due += self.options.long_share
        if self.long_due < 1:
            return MEDIUM
        self.long_due -= 1
        return LONG

    def run(self, feed):
        begin, is_first = time.monotonic(), True
        end = START + self.options.seconds - self.options.evaluation_seconds
        saved = begin
        while (share_done := (time.monotonic() - begin) / (end - begin)) < 1:
            stream, requested = self.next_stream(share_done), time.monotonic()
            if is_first and stream != FIRST:
                is_first = False
                feed.set_demand(self.demand(is_first))
            batch = feed.next_batch(stream)
            self.wait_seconds += time.monotonic() - requested
            outcome = self.learn(batch, share_done)
            if self.step % self.options.log == 0 or self.step in (1, 10):
                self.log(time.monotonic() - begin, stream, *outcome)
            if time.monotonic() - saved >= self.options.save_seconds:
                saved = time.monotonic()
                self.save(seconds=round(saved - begin, 1))
        return time.monotonic() - begin

    def log(self, seconds, stream, loss, hits, classes):
        row = dict(step=self.step, seconds=round(seconds, 1), tokens=self.tokens, stream=stream, loss=round(loss.item(), 4), waited=round(self.wait_seconds, 2))
        for kind in (TokenClass.TEXT, TokenClass.ANSWER, TokenClass.SUMMARY, TokenClass.VALUE):
            if (classes == kind).any():
                row[kind.name.lower()] = round(hits[classes == kind].float().mean().item(), 4)
        if self.step % (self.options.log * VALIDATE_EVERY_LOGS) == 0:
            row.update({kind: round(share, 3) for kind, share in self.validate().items()})
        self.history.append(row)
        print(json.dumps(row), flush=True)

    def save(self, **summary):
        checkpoint.save(self.model, self.shape, self.options.tokenizer, self.options.out)
        summary.update(steps=self.step, tokens=self.tokens, parameters=self.parameter_count)
        checkpoint.write_log(self.options.out, self.options, self.shape, **summary, history=self.history)


def main():
    options = parse()
    training = Training(options)
    with Feed(options.shards, f"{options.tokenizer}/tokenizer.json", options.seed, training.streams, training.demand(True), options.workers, training.on_gpu) as feed:
        if options.compile:
            training.compile()
        seconds = training.run(feed)
    training.save(seconds=round(seconds, 1))
    training.save(seconds=round(seconds, 1), validation=training.validate())
    print(f"trained {training.step} steps, {training.tokens} tokens in {seconds:.1f} s", flush=True)
    score(options.out, options.evaluate, options.device, options.evaluation_samples, START + options.seconds)


if __name__ == "__main__":
    main()
