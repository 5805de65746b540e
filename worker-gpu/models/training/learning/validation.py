"""Share of questions about held-out names that the model answers, by kind of question."""
import random

import numpy as np
import torch

from corpus import retrieval
from corpus.names import Pools
from corpus.notes import Notes
from corpus.prompts import QUESTION, RETRIEVAL_PREFIX, WIKI_PREFIX
from corpus.questions import questions
from corpus.wiki import wiki_world

WIKI_KINDS = ("lookup", "bridge", "family", "comparison")
_SEED = 99
_TOKENS_PER_SENTENCE, _NOTES_DENSITY = 10.4, .34
_TOKENS_FOR_QUESTION = 100


class Validation:
    """One question per row after its text; a hit needs every token of the answer and EOS.

    sizes: [(row length, rows per kind)], first those of passages and notes, then of notes alone.
    """

    def __init__(self, tokenizer, sizes, bos, eos, device):
        self._tokenizer, self._bos, self._eos, self._device = tokenizer, bos, eos, device
        self._rng, self._pools = random.Random(_SEED), Pools(held_out=True)
        self._rows = {kind: self._encoded(*sizes[0], lambda: self._wiki(kind)) for kind in WIKI_KINDS}
        for length, rows in sizes:
            for kind in retrieval.KINDS:
                self._rows[f"{kind} {length}"] = self._encoded(length, rows, lambda: self._notes(kind, length))

    def _wiki(self, kind):
        rng = self._rng
        while True:
            world, texts = wiki_world(rng, self._pools, rng.randint(7, 10))
            found = questions(rng, world)[kind]
            if found:
                question = rng.choice(found)
                return WIKI_PREFIX + "".join(texts), question.text, question.answer

    def _notes(self, kind, length):
        sentences = max(8, int((length - _TOKENS_FOR_QUESTION) / _TOKENS_PER_SENTENCE))
        while True:
            notes = Notes(self._rng, self._pools, sentences, _NOTES_DENSITY)
            for question in retrieval.questions(self._rng, notes):
                if question.kind == kind and any(fact.source and not fact.stated for fact in question.facts):
                    return RETRIEVAL_PREFIX + notes.text, question.text, question.answer

    def _encoded(self, length, rows, make):
        def encode(text):
            return self._tokenizer.encode(text, add_special_tokens=False).ids

        ids = np.full((rows, length), self._eos, np.int64)
        is_answer = np.zeros((rows, length), bool)
        for row in range(rows):
            text, question, answer = make()
            prompt = [self._bos] + encode(text + QUESTION.format(question=question))
            whole = (prompt + encode(" " + answer) + [self._eos])[:length]
            ids[row, :len(whole)] = whole
            is_answer[row, len(prompt):len(whole)] = True
        return torch.from_numpy(ids).to(self._device), torch.from_numpy(is_answer).to(self._device)

    @torch.no_grad()
    def shares(self, model):
        shares = {}
        for kind, (ids, is_answer) in self._rows.items():
            scored = is_answer[:, 1:]
            _, hits = model(ids[:, :-1], ids[:, 1:], scored.float())
            shares[kind] = (hits | ~scored).all(1).float().mean().item()
        return shares
