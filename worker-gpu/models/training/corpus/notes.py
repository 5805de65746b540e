"""Notes in the style of RULER: facts about keys of towns and words of people, scattered over unrelated sentences.

Facts refer to each other: "One key of Trirmouth is Rosa's word." means the word that Rosa has at this point of the text. Most
people are given another word later. A question at the end therefore does not determine which word was meant: the
sentence has to be understood where it stands.
"""
from dataclasses import dataclass
from typing import Optional

from .names import FEMALE, MALE
from .words import load

_TEXTS, _NAMES = load("retrieval"), load("names")
PEOPLE, VALUES = MALE + FEMALE, _NAMES["nouns"]
_KIND_WEIGHTS = {"assign": .28, "copy": .17, "key": .55}
_LINKED_KEYS, _STATED, _REASSIGNED, _LINKS_TO_COPIES, _SEVERAL_KEYS = .6, .3, .5, .25, .4
_MAX_HOPS, _MAX_USES = 3, 2
_MAX_WORDS_PER_PERSON = 3
_PARAGRAPH = 6, 10  # sentences
_MAX_FILLER_TRIES = 3


@dataclass
class Fact:
    """source: the fact whose value this one takes over. stated: the sentence repeats the value. start: its first character.

    uses: number of facts that take over its value.
    """

    kind: str
    subject: str
    value: str
    source: Optional["Fact"] = None
    stated: bool = False
    start: int = -1
    uses: int = 0

    @property
    def hops(self):
        return 1 + self.source.hops if self.source else 0

    def chain(self):
        """This fact and those that its value comes from."""
        fact = self
        while fact:
            yield fact
            fact = fact.source


class Notes:
    """sentences: number of sentences; density: share of them that are facts. pieces: [(text, is value that the text determines)]"""

    def __init__(self, rng, pools, sentences, density):
        self._rng = rng
        self._people, self._towns = iter(rng.sample(PEOPLE, len(PEOPLE))), iter(rng.sample(pools.towns, 200))
        self._values = iter(rng.sample(VALUES, len(VALUES)))
        self._holders, self._copies, self._open_towns, self._recent = {}, [], [], []
        self.facts = [self._fact() for _ in range(max(2, round(sentences * density)))]
        self.pieces, self._length = [], 0
        self._write(sentences)

    @property
    def text(self):
        return "".join(text for text, _ in self.pieces)

    def keys(self):
        """-> {town: its facts in the order of the text}"""
        found = {}
        for fact in self.facts:
            if fact.kind == "key":
                found.setdefault(fact.subject, []).append(fact)
        return found

    def copies(self):
        return [fact for fact in self.facts if fact.kind == "copy"]

    # ------------------------------------------------------------ facts

    def _fact(self):
        rng = self._rng
        kind = rng.choices(list(_KIND_WEIGHTS), _KIND_WEIGHTS.values())[0] if self._holders else "assign"
        return getattr(self, f"_{kind}")()

    def _assign(self):
        rng = self._rng
        open_people = [x for x, facts in self._holders.items() if len(facts) < _MAX_WORDS_PER_PERSON]
        person = rng.choice(open_people) if open_people and rng.random() < _REASSIGNED else next(self._people)
        fact = Fact("assign", person, next(self._values))
        self._holders.setdefault(person, []).append(fact)
        return fact

    def _copy(self):
        fact = self._linked("copy", lambda: next(self._people))
        if fact.kind == "copy" and fact.hops < _MAX_HOPS:
            self._copies.append(fact)
        return fact

    def _key(self):
        if self._rng.random() < _LINKED_KEYS:
            return self._linked("key", self._town)
        return Fact("key", self._town(), next(self._values))

    def _linked(self, kind, make_subject):
        """A fact that takes over the value of another; a new word for a person if all values have been taken over often enough."""
        rng = self._rng
        copies = [fact for fact in self._copies if fact.uses < _MAX_USES]
        words = [facts[-1] for facts in self._holders.values() if facts[-1].uses < _MAX_USES]
        candidates = copies if copies and rng.random() < _LINKS_TO_COPIES else words
        if not candidates:
            return self._assign()
        source = rng.choice(candidates)
        source.uses += 1
        return Fact(kind, make_subject(), source.value, source, rng.random() < _STATED)

    def _town(self):
        """Some towns get several keys."""
        rng = self._rng
        if self._open_towns and rng.random() < _SEVERAL_KEYS:
            return self._open_towns.pop(rng.randrange(len(self._open_towns)))
        town = next(self._towns)
        if rng.random() < _SEVERAL_KEYS:
            self._open_towns += [town] * rng.randint(1, 3)
        return town

    # ------------------------------------------------------------ text

    def _write(self, sentences):
        rng = self._rng
        places = set(rng.sample(range(sentences), min(sentences, len(self.facts))))
        facts, left = iter(self.facts), 0
        for i in range(sentences):
            if left == 0:  # a name at the start of a line would have other tokens than after a space
                if self.pieces:
                    self._add("\n\n")
                self._add(self._filler("paragraph_starts"))
                left = rng.randint(*_PARAGRAPH)
            self._add(" ")
            if i in places:
                self._add_fact(next(facts))
            else:
                self._add(self._filler("filler"))
            left -= 1
        self._add("\n\n")
        self._join()

    def _add(self, text, is_value=False):
        self.pieces.append((text, is_value))
        self._length += len(text)

    def _add_fact(self, fact):
        fact.start = self._length
        form = self._rng.choice(_TEXTS["linked_key" if fact.source and fact.kind == "key" else fact.kind])
        fields = dict(x=fact.subject, value=fact.value, y=fact.source and fact.source.subject)
        if not fact.stated:
            self._add(form.format(stated="", **fields))
            return
        before, after = form.split("{stated}")
        self._add(before.format(**fields))
        self._add(" " + fact.value, True)
        self._add(after)

    def _filler(self, name):
        rng = self._rng
        for _ in range(_MAX_FILLER_TRIES):
            form = rng.choice(_TEXTS[name])
            if form not in self._recent:
                break
        self._recent = self._recent[-8:] + [form]
        choice = rng.choice
        return form.format(
            num=choice(_TEXTS["numbers"]), hour=choice(_TEXTS["hours"]), day=choice(_TEXTS["days"]),
            food=choice(_TEXTS["foods"]), food2=choice(_TEXTS["foods"]))

    def _join(self):
        joined = []
        for text, is_value in self.pieces:
            if joined and not is_value and not joined[-1][1]:
                joined[-1] = joined[-1][0] + text, False
            else:
                joined.append((text, is_value))
        self.pieces = joined
