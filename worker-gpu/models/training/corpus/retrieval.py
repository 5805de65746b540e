"""Questions about notes: several keys, several values, several queries, variable tracking. The kinds are those of RULER."""
from typing import NamedTuple

from .notes import Notes
from .prompts import QUESTION, RETRIEVAL_PREFIX
from .words import load

_FORMS = load("retrieval")["questions"]
KINDS = tuple(_FORMS)
_GROUPED, _GROUP = .4, (2, 4)
# stage: sentences, density of facts
_TRAINING_SIZES = {"first": ((24, 36), (.4, .6)), "short": ((50, 108), (.3, .5)), "long": ((160, 380), (.25, .45))}


class Question(NamedTuple):
    kind: str
    text: str
    facts: list

    @property
    def answer(self):
        return ", ".join(fact.value for fact in self.facts)


def questions(rng, notes):
    """Each fact is asked for once at most, so that no question answers another. In random order."""
    found, single = [], []

    def ask(kind, names, facts):
        text = f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
        found.append(Question(kind, rng.choice(_FORMS[kind]).format(x=text), facts))

    for town, facts in notes.keys().items():
        if len(facts) > 1:
            ask("multi-value", [town], facts)
        else:
            single.append((town, facts[0]))
    rng.shuffle(single)
    while single:
        count = rng.randint(*_GROUP) if rng.random() < _GROUPED else 1
        group, single = single[:count], single[count:]
        ask("multi-query" if len(group) > 1 else "multi-key", [town for town, _ in group], [fact for _, fact in group])
    for fact in notes.copies():
        ask("variable-tracking", [fact.subject], [fact])
    rng.shuffle(found)
    return found


def training_row(rng, pools, stage):
    """-> [(text, kind)], kind None: a value that the notes determine; True: an answer; False: other text."""
    sentences, density = _TRAINING_SIZES[stage]
    notes = Notes(rng, pools, rng.randint(*sentences), rng.uniform(*density))
    pieces = [(RETRIEVAL_PREFIX, False)] + [(text, None if is_value else False) for text, is_value in notes.pieces]
    for question in questions(rng, notes):
        pieces += [(QUESTION.format(question=question.text), False), (" " + question.answer, True), ("\n\n", False)]
    return pieces
