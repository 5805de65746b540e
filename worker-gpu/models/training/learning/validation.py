"""Share of questions about held-out names that the model answers, by kind of question."""
import random

import numpy as np
import torch

from corpus.names import Pools
from corpus.prompts import WIKI_PREFIX, WIKI_QUESTION
from corpus.questions import questions
from corpus.wiki import wiki_world

KINDS = ("lookup", "bridge", "family", "comparison")
_ROWS_PER_KIND = 64
_SEED = 99


class Validation:
    """One question per row after its passages; a hit needs every token of the answer and EOS."""

    def __init__(self, tokenizer, length, bos, eos, device):
        rng, pools = random.Random(_SEED), Pools(held_out=True)

        def encode(text):
            return tokenizer.encode(text, add_special_tokens=False).ids

        self._rows = {}
        for kind in KINDS:
            ids = np.full((_ROWS_PER_KIND, length), eos, np.int64)
            is_answer = np.zeros((_ROWS_PER_KIND, length), bool)
            row = 0
            while row < _ROWS_PER_KIND:
                world, texts = wiki_world(rng, pools, rng.randint(7, 10))
                found = questions(rng, world)[kind]
                if not found:
                    continue
                question = rng.choice(found)
                prompt = [bos] + encode(WIKI_PREFIX + "".join(texts) + WIKI_QUESTION.format(question=question.text))
                whole = (prompt + encode(" " + question.answer) + [eos])[:length]
                ids[row, :len(whole)] = whole
                is_answer[row, len(prompt):len(whole)] = True
                row += 1
            self._rows[kind] = torch.from_numpy(ids).to(device), torch.from_numpy(is_answer).to(device)

    @torch.no_grad()
    def shares(self, model):
        shares = {}
        for kind, (ids, is_answer) in self._rows.items():
            scored = is_answer[:, 1:]
            _, hits = model(ids[:, :-1], ids[:, 1:], scored.float())
            shares[kind] = (hits | ~scored).all(1).float().mean().item()
        return shares
