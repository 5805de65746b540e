"""Scores of arms on evaluation items, greedy."""
import json
import time
from collections import defaultdict

from corpus.prompts import TEMPLATES

from .arms import ARMS
from .batch import Batch
from .scores import METRICS, mean_with_half_width

_BATCH_TOKENS = 65536


def template_for(path):
    names = [name for name in TEMPLATES if path.name.startswith(name)]
    if not names:
        raise ValueError(f"{path}: the name must begin with one of {', '.join(TEMPLATES)}")
    return TEMPLATES[max(names, key=len)]


class Evaluation:
    """The items of one file."""

    def __init__(self, model, tokenizer, path, samples, max_batch):
        self._model, self._tokenizer, self._template = model, tokenizer, template_for(path)
        self._items = json.loads(path.read_text(encoding="utf-8"))[:samples]
        self._stops = {model.eos} | {token for text, token in tokenizer.get_vocab().items() if "Ċ" in text}
        prompts = [self._segments(item) for item in self._items]
        longest = max(sum(len(ids) for ids, _ in prompt) for prompt in prompts)
        size = max(1, min(max_batch, _BATCH_TOKENS // longest))
        self._batches = [prompts[start:start + size] for start in range(0, len(prompts), size)]
        self.answers, self._shares, self.scores = defaultdict(list), defaultdict(list), defaultdict(list)

    def _segments(self, item):
        """BOS, prefix, documents and question, each encoded separately. -> [(token ids, cached)]"""

        def encode(text):
            return self._tokenizer.encode(text, add_special_tokens=False).ids

        documents = [self._template["document"].format(text=document["text"]) for document in item["ctxs"]]
        cached = [(encode(text), True) for text in [self._template["prefix"], *documents]]
        question = self._template["question"].format(question=item["question"])
        return [([self._model.bos], False), *cached, (encode(question), False)]

    def run(self, arms, deadline=float("inf")):
        """Scores the arms on all items, or on those that are complete at the deadline (time.monotonic)."""
        metric, done = METRICS[self._template["metric"]], 0
        for prompts in self._batches:
            if time.monotonic() > deadline:
                break
            batch, items = Batch(self._model, prompts), self._items[done:done + len(prompts)]
            for name in arms:
                logits, kv, active = batch.prefill(ARMS[name], seed=done)
                tokens = batch.decode(logits, kv, self._template["max_new_tokens"], self._stops)
                texts = [self._tokenizer.decode(ids).strip() for ids in tokens]
                self.answers[name] += texts
                self.scores[name] += [max(metric(text, answer) for answer in item["answers"]) for text, item in zip(texts, items)]
                self._shares[name] += ((active & batch.eligible).sum(1) / batch.eligible.sum(1)).tolist()
            done += len(prompts)

    def results(self, base):
        """-> {arm: statistics}; differences are paired with the arm base."""
        found = {}
        for name, scores in self.scores.items():
            mean, half_width = mean_with_half_width(scores)
            difference, difference_half_width = mean_with_half_width([x - y for x, y in zip(scores, self.scores[base])])
            found[name] = dict(
                score=mean, half_width_95=half_width, difference=difference, difference_half_width_95=difference_half_width,
                computed_share=sum(self._shares[name]) / len(scores), n=len(scores), by_type=self._by_type(scores),
                scores=scores, answers=self.answers[name])
        return found

    def _by_type(self, scores):
        groups = defaultdict(list)
        for item, score in zip(self._items, scores):
            groups[item["type"]].append(score)
        return {name: sum(group) / len(group) for name, group in sorted(groups.items())}


def table(results):
    """Lines of text, one for each arm; groups of items only if they are few."""
    lines = []
    for name, r in results.items():
        types = "  ".join(f"{kind} {score:.3f}" for kind, score in r["by_type"].items()) if len(r["by_type"]) <= 4 else ""
        lines.append(f"{name:24} {r['score']:.3f} ± {r['half_width_95']:.3f}   difference {r['difference']:+.3f} ± {r['difference_half_width_95']:.3f}"
                     f"   rows {r['computed_share']:.3f}   n {r['n']}  {types}")
    return lines
