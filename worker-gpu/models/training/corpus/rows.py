"""Training rows of token ids."""
import random
from enum import IntEnum

import numpy as np

from . import chat_rows, retrieval, wiki
from .names import Pools, chat_names
from .prompts import BOS, EOS


class TokenClass(IntEnum):
    PADDING, TEXT, ANSWER, SUMMARY, VALUE = range(5)


class RowMaker:
    """One prompt per row, truncated or padded with EOS to the length of the row."""

    def __init__(self, tokenizer, seed):
        self._tokenizer, self._rng = tokenizer, random.Random(seed)
        self._pools, self._names = Pools(held_out=False), chat_names(held_out=False)
        self._bos, self._eos = tokenizer.token_to_id(BOS), tokenizer.token_to_id(EOS)

    def rows(self, count, length, stage, chat_share, notes_share):
        """-> token ids, uint16 [count, length]; their classes, uint8 [count, length]"""
        ids = np.full((count, length), self._eos, np.uint16)
        classes = np.full((count, length), TokenClass.PADDING, np.uint8)
        prompts = [self._prompt(stage, chat_share, notes_share) for _ in range(count)]
        texts = [text for _, pieces in prompts for text, _ in pieces]
        encoded = iter(self._tokenizer.encode_batch_fast(texts, add_special_tokens=False))
        for row, (target, pieces) in enumerate(prompts):
            row_ids, row_classes = [self._bos], [TokenClass.TEXT]
            for _, kind in pieces:
                piece = next(encoded).ids
                if len(row_ids) >= length:
                    continue
                piece_class = TokenClass.TEXT if kind is False else target
                ends = [self._eos] if kind else []  # EOS may follow a requested answer
                row_ids += piece + ends
                row_classes += [piece_class] * len(piece + ends)
            used = min(len(row_ids), length)
            ids[row, :used], classes[row, :used] = row_ids[:used], row_classes[:used]
        return ids, classes

    def _prompt(self, stage, chat_share, notes_share):
        x, is_first = self._rng.random(), stage == "first"
        if x < chat_share:
            return TokenClass.SUMMARY, chat_rows.training_row(self._rng, self._names, is_first)
        if x < chat_share + notes_share:
            return TokenClass.VALUE, retrieval.training_row(self._rng, self._pools, stage)
        return TokenClass.ANSWER, wiki.training_row(self._rng, self._pools, is_first)
