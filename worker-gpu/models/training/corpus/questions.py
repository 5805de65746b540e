"""Questions that the passages of a world answer: one fact, two linked facts, family relations, comparisons."""
from typing import NamedTuple

from .words import load
from .world import Thing, text_of

_TEXTS = load("questions")
_ASK, _PHRASE, _ORDER, _SAME = (_TEXTS[name] for name in ("ask", "phrase", "order", "same"))
_FAMILY = {tuple(entry["path"]): entry["phrase"] for entry in _TEXTS["family"]}


class Question(NamedTuple):
    text: str
    answer: str
    support: list  # (Thing, attribute) pairs that the answer depends on


def stated_attributes(thing):
    """In a fixed order, since questions draw random numbers per attribute."""
    return sorted({attribute for sentence in thing.sentences for attribute in sentence.states})


def questions(rng, world, drill=False):
    """-> {kind: [Question]}. drill adds easier variants of the comparisons, for training."""
    found = {kind: [] for kind in ("lookup", "bridge", "family", "comparison", "drill")}
    for thing in world.described:
        _ask_about(rng, thing, found)
    by_kind = {}
    for thing in world.described:
        by_kind.setdefault(thing.kind, []).append(thing)
    for kind, things in by_kind.items():
        if len(things) >= 2:
            _ask_for_order(rng, kind, things, found, drill)
            _ask_whether_same(rng, kind, things, found)
    return found


def _ask_about(rng, thing, found):
    for attribute in stated_attributes(thing):
        value = thing.attributes[attribute]
        if attribute in _ASK[thing.kind]:
            text = rng.choice(_ASK[thing.kind][attribute]).format(x=thing.name)
            found["lookup"].append(Question(text, text_of(value), [(thing, attribute)]))
        if attribute in _PHRASE[thing.kind] and isinstance(value, Thing) and value.described and value.sentences:
            _ask_across(rng, thing, attribute, found)


def _ask_across(rng, thing, link, found):
    """Questions about the thing that an attribute of another thing names."""
    target = thing.attributes[link]
    phrase = rng.choice(_PHRASE[thing.kind][link]).format(x=thing.name, wife="husband" if thing.female else "wife")
    for attribute in stated_attributes(target):
        if attribute not in _ASK[target.kind] or target.attributes[attribute] is thing:
            continue
        answer = text_of(target.attributes[attribute])
        support = [(thing, link), (target, attribute)]
        if thing.kind == target.kind == "person" and (link, attribute) in _FAMILY:
            found["family"].append(Question(f"Who is {_FAMILY[link, attribute]} of {thing.name}?", answer, support))
        found["bridge"].append(Question(rng.choice(_ASK[target.kind][attribute]).format(x=phrase), answer, support))


def _states(thing, attribute):
    return any(attribute in sentence.states for sentence in thing.sentences)


def _ask_for_order(rng, kind, things, found, drill):
    attribute = _ORDER[kind]["attribute"]
    for _ in range(3):
        x, y = rng.sample(things, 2)
        years = x.attributes[attribute], y.attributes[attribute]
        if years[0] == years[1] or not (_states(x, attribute) and _states(y, attribute)):
            continue
        early = rng.random() < .6
        answer = (min if early else max)((x, y), key=lambda thing: int(thing.attributes[attribute]))
        form = rng.choice(_ORDER[kind]["first" if early else "last"])
        found["comparison"].append(Question(form.format(x=x.name, y=y.name), answer.name, [(x, attribute), (y, attribute)]))
        if drill:  # the same with the years given, and years alone
            dated = form.format(x=f"{x.name} ({years[0]})", y=f"{y.name} ({years[1]})")
            word = "earlier" if early else "later"
            found["drill"] += [
                Question(dated, answer.name, []),
                Question(f"Which year is {word}, {years[0]} or {years[1]}?", answer.attributes[attribute], []),
                Question(f"Give the years of {x.name} and {y.name}.", f"{years[0]} and {years[1]}", []),
            ]


def _ask_whether_same(rng, kind, things, found):
    for entry in _SAME:
        if entry["kind"] != kind:
            continue
        attribute, form = entry["attribute"], entry["form"]
        stating = [thing for thing in things if _states(thing, attribute)]
        pairs = [(x, y) for x in stating for y in stating if x is not y]
        equal = [(x, y) for x, y in pairs if x.attributes[attribute] is y.attributes[attribute]]
        unequal = [(x, y) for x, y in pairs if x.attributes[attribute] is not y.attributes[attribute]]

        def add(pair, answer):
            text = form.format(x=pair[0].name, y=pair[1].name)
            found["comparison"].append(Question(text, answer, [(thing, attribute) for thing in pair]))

        if equal:
            add(equal[0], "yes")
        if unequal and rng.random() < (.9 if equal else .25):
            add(rng.choice(unequal), "no")
