"""Writes the passage of a thing: title, lead sentence, and sentences that mostly use pronouns or a noun as "the film"."""
from typing import NamedTuple

from .words import load
from .world import text_of

_TEXTS, _WORDS = load("passages"), load("world")
_LEAD, _BODY, _FILLER, _ALIASES = (_TEXTS[name] for name in ("lead", "body", "filler", "aliases"))
# kind -> attributes for which a sentence template exists
_STATABLE = {kind: {a for group in _LEAD[kind] + _BODY[kind] for a in group["states"]} for kind in _LEAD}
_MAX_SENTENCES_WITHOUT_NAME = 2


class Sentence(NamedTuple):
    """Characters [start, end) of a passage."""

    start: int
    end: int
    states: list  # attributes
    names_subject: bool


class _Mention(NamedTuple):
    """The reference to the subject of a sentence; the field names are those of the templates."""

    S: str  # at the start
    s: str  # inside
    P: str  # possessive, at the start
    p: str
    is_name: bool

    @staticmethod
    def of(phrase, is_name):
        start = phrase[0].upper() + phrase[1:]
        return _Mention(start, phrase, start + "'s", phrase + "'s", is_name)


def _mention(rng, thing, must_name):
    x = .99 if must_name else rng.random()
    if thing.kind == "person":
        if x < .58:
            return _Mention("She", "she", "Her", "her", False) if thing.female else _Mention("He", "he", "His", "his", False)
        return _Mention.of("the " + thing.attributes["occupation"], False) if x < .80 else _Mention.of(thing.surname, True)
    if x < .5:
        return _Mention("It", "it", "Its", "its", False)
    return _Mention.of(rng.choice(_ALIASES[thing.kind]).lower(), False) if x < .88 else _Mention.of(thing.name, True)


def _article(word):
    return "an" if word[0] in "aeiou" else "a"


class _Writer:
    def __init__(self, rng, thing):
        self.rng, self.thing = rng, thing
        self.fields = {name: text_of(value) for name, value in thing.attributes.items()}
        self.stated_later = _STATABLE[thing.kind] & self.fields.keys()
        self._add_grammar()

    def _add_grammar(self):
        thing, fields = self.thing, self.fields
        person = thing.kind == "person"
        past = person and ("death_year" in fields or int(fields["birth_year"]) < 1930)
        pronouns = (("she", "her", "her") if thing.female else ("he", "his", "him")) if person else ("it", "its", "it")
        fields["he"], fields["his"], fields["him"] = pronouns
        fields["wife"], fields["son"] = ("husband", "daughter") if thing.female else ("wife", "son")
        fields["is"] = "was" if past else "is"
        fields["a"] = _article(fields.get("occupation") or fields.get("genre") or "x")
        fields["N"] = thing.name

    def _render(self, form, mention):
        choice, fields = self.rng.choice, self.fields
        fields.update(zip("SsPp", mention))
        for field, words in (("num", "numbers"), ("known", "known_for"), ("hobby", "hobbies"), ("local", "local"),
                             ("subject", "subjects"), ("subject2", "subjects")):
            fields[field] = choice(_WORDS[words])
        fields["age"] = str(self.rng.randint(17, 24))
        return form.format_map(fields)

    def lead(self):
        """-> text, attributes it states, whether it names the subject."""
        name = self.thing.name
        groups = [g for g in _LEAD[self.thing.kind] if self.stated_later.issuperset(g["states"])]
        group = self.rng.choice(groups)
        text = self._render(self.rng.choice(group["forms"]), _Mention(name, name, name + "'s", name + "'s", True))
        self.stated_later -= set(group["states"])
        return text, group["states"], True

    def body(self):
        plan = self._plan()
        unnamed = 0
        for states, forms in plan:  # the name is repeated after two sentences without it
            mention = _mention(self.rng, self.thing, unnamed >= _MAX_SENTENCES_WITHOUT_NAME)
            text = self._render(self.rng.choice(forms), mention)
            named = mention.is_name and mention.S in text
            unnamed = 0 if named else unnamed + 1
            yield text, states, named

    def _plan(self):
        rng, kind = self.rng, self.thing.kind
        fillers = rng.sample(_FILLER[kind], 3)
        groups = _BODY[kind][:]
        rng.shuffle(groups)
        groups.sort(key=lambda group: -len(group["states"]))
        plan = []
        for group in groups:
            states = group["states"]
            if self.stated_later.issuperset(states) and (len(states) == 1 or rng.random() < .6):
                plan.append((states, group["forms"]))
                self.stated_later -= set(states)
        for _ in range(rng.choice((0, 1, 1, 2) if len(plan) > 3 else (1, 2, 2, 3))):
            plan.append(([], [fillers.pop()]))
        rng.shuffle(plan)
        if kind == "person":
            plan.sort(key=lambda entry: _place_in_life(entry[0]))
        return plan


def _place_in_life(states):
    """Birth first, death last."""
    if "birth_town" in states or "birth_year" in states:
        return 0
    return 2 if "death_year" in states else 1


def write_passage(rng, thing):
    """-> title, empty line, text, empty line; sets thing.sentences."""
    writer = _Writer(rng, thing)
    sentences = [writer.lead(), *writer.body()]
    title = thing.name + "\n\n"
    at, thing.sentences = len(title), []
    for text, states, named in sentences:
        thing.sentences.append(Sentence(at, at + len(text), states, named))
        at += len(text) + 1
    return title + " ".join(text for text, _, _ in sentences) + "\n\n"
