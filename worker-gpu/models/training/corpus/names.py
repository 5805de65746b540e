"""Name lists. Evaluation uses names that do not occur in training, so that the answer is in the prompt only."""
import random

from .words import load

_NAMES = load("names")
MALE, FEMALE = _NAMES["male"], _NAMES["female"]

_ONSETS = "B Br C Cr D Dr F Fl G Gr H J K Kr L M N P Pr R S Sl St T Tr V W Z Th Sh Qu Bl".split()
_VOWELS = "a e i o u a e i o ai ea ou oo ie".split()
_CODAS = "l n r m nd rn lk st ll rt x mp v d b t g s lt nn rr sk ".split(" ")  # the last one is empty

_SURNAME_ENDINGS = "son ley man well ard ett ova ini berg sen wick ing o a er ak ett and is ec en ay".split()
_TOWN_ENDINGS = "ham bury stead mouth ford field haven dale port minster mere gate by ville stad bridge wood".split()
_RIVER_ENDINGS = "e a on er in ey y is una el ara".split()
_FIRM_ENDINGS = "ex ix on is um or ia al ano aco ent era".split()

_POOL_SEED, _CHAT_SEED = 20, 7
_HELD_OUT_CHAT_NAMES = 24


def _invent(rng, count, endings, taken):
    """Proper names of two or three syllables, none of them in taken."""
    names = []
    while len(names) < count:
        name = rng.choice(_ONSETS) + rng.choice(_VOWELS) + rng.choice(_CODAS) + rng.choice(endings)
        if 4 <= len(name) <= 10 and name not in taken:
            taken.add(name)
            names.append(name)
    return names


class Pools:
    """Surnames, towns, rivers, firms and title words, for training or held out. First names are shared."""

    def __init__(self, held_out):
        rng, taken = random.Random(_POOL_SEED), set()

        def part(names, held_out_count):
            return names[-held_out_count:] if held_out else names[:-held_out_count]

        self.surnames = part(_invent(rng, 6000, _SURNAME_ENDINGS, taken), 700)
        self.towns = part(_invent(rng, 3000, _TOWN_ENDINGS, taken), 400)
        self.rivers = part(_invent(rng, 900, _RIVER_ENDINGS, taken), 120)
        self.firms = part(_invent(rng, 1800, _FIRM_ENDINGS, taken), 250)
        adjectives, nouns = _NAMES["adjectives"], _NAMES["nouns"]
        described = [(adjective, noun) for adjective in adjectives for noun in nouns]
        rng.shuffle(described)
        self.described_nouns = part(described, 2500)
        joined = [(one, other) for one in nouns for other in nouns if one != other]
        rng.shuffle(joined)
        self.noun_pairs = part(joined, 4000)


def chat_names(held_out):
    names = MALE + FEMALE
    random.Random(_CHAT_SEED).shuffle(names)
    return names[:_HELD_OUT_CHAT_NAMES] if held_out else names[_HELD_OUT_CHAT_NAMES:]
