"""Evaluation items about notes. At least half of the asked facts take over a value that another window states."""
import random

from .names import Pools
from .notes import Notes
from .prompts import QUESTION, RETRIEVAL_PREFIX
from .retrieval import KINDS, questions
from .windows import check_same_tokens, windows

_DENSITY = .34
_TOKENS_PER_SENTENCE = 10.2
_MAX_HOPS = 2
_MIN_LENGTH_SHARE = .95  # of the requested number of tokens


def make_items(tokenizer, count, seed, tokens, window):
    """Items in equal parts of all kinds. tokens: largest length of the notes; window: tokens per window."""
    rng, pools = random.Random(seed), Pools(held_out=True)
    kinds = [KINDS[i % len(KINDS)] for i in range(count)]
    rng.shuffle(kinds)
    return [_item(rng, pools, tokenizer, kind, tokens, window) for kind in kinds]


def _item(rng, pools, tokenizer, kind, tokens, window):
    while True:
        notes = Notes(rng, pools, round(tokens / _TOKENS_PER_SENTENCE), _DENSITY)
        length = len(tokenizer.encode(notes.text, add_special_tokens=False).ids)
        if not _MIN_LENGTH_SHARE * tokens <= length <= tokens:
            continue
        parts = windows(tokenizer, notes.text, window)
        starts = [sum(map(len, parts[:i])) for i in range(len(parts))]
        for question in questions(rng, notes):
            crossing = sum(_crosses_window(fact, starts) for fact in question.facts)
            if question.kind == kind and 2 * crossing >= len(question.facts) and all(_is_allowed(fact) for fact in question.facts):
                ask = QUESTION.format(question=question.text)
                check_same_tokens(tokenizer, [RETRIEVAL_PREFIX, *parts, ask], RETRIEVAL_PREFIX + notes.text + ask)
                return dict(
                    ctxs=[dict(text=part) for part in parts], question=question.text, answers=[question.answer], type=kind,
                    hops=max(fact.hops for fact in question.facts), crosses_window=True)


def _is_allowed(fact):
    return not fact.stated and fact.hops <= _MAX_HOPS


def _crosses_window(fact, starts):
    """Whether the facts that determine the value begin in different windows."""
    return len({max(start for start in starts if start <= link.start) for link in fact.chain()}) > 1
