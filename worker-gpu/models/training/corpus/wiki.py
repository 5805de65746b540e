"""Passages with questions: the prompt text of one row, and the choice of its questions."""
from .passages import write_passage
from .questions import questions
from .prompts import WIKI_PREFIX, WIKI_QUESTION
from .world import World

_TRAINING_MIX = (("lookup", .22), ("bridge", .40), ("family", .10), ("comparison", .20), ("drill", .08))
_EASY_LAST = {"lookup": 1, "drill": 2}


def wiki_world(rng, pools, count):
    """-> world, its passages as texts in the order of world.described."""
    world = World(rng, pools, count)
    return world, [write_passage(rng, thing) for thing in world.described]


def training_row(rng, pools, first_stage):
    """-> [(text, is_answer)], not truncated to the length of a training row."""
    world, texts = wiki_world(rng, pools, rng.randint(3, 4) if first_stage else rng.randint(7, 10))
    prefix, body = WIKI_PREFIX, "".join(texts)
    if rng.random() < .15:  # as in crawled text: no instruction, a truncated beginning
        prefix = ""
        body = body[body.index(" ", rng.randrange(0, len(texts[0]) - 8)):]
        world.described = world.described[1:]
        if rng.random() < .5:
            body = body.lstrip()
    pieces = [(prefix + body, False)]
    for question in _draw_questions(rng, world, 10 if first_stage else 26):
        pieces += [(WIKI_QUESTION.format(question=question.text), False), (" " + question.answer, True), ("\n\n", False)]
    return pieces


def _draw_questions(rng, world, count):
    """Up to count distinct questions in the proportions of the mix. Two-hop questions first, before any answer that helps them."""
    found = questions(rng, world, drill=True)
    for of_kind in found.values():
        rng.shuffle(of_kind)
    kinds, weights = [kind for kind, _ in _TRAINING_MIX], [weight for _, weight in _TRAINING_MIX]
    drawn, seen = [], set()
    for _ in range(count * 3):
        if len(drawn) >= count:
            break
        kind = rng.choices(kinds, weights)[0]
        if found[kind]:
            question = found[kind].pop()
            if question.text not in seen:
                seen.add(question.text)
                drawn.append((kind, question))
    drawn.sort(key=lambda pair: _EASY_LAST.get(pair[0], 0))
    return [question for _, question in drawn]
