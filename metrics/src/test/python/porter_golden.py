"""Writes words and their NLTK stems, tab-separated, to standard output.

Needs Debian's python3-nltk (the stemmer in question) and wamerican (the words). Half of the words
are an even sample of the dictionary, a quarter everyday words in their inflected forms, a quarter
made up of letters and suffixes at random, for rules that real words seldom reach.
"""

import random
import re

from nltk.stem.porter import PorterStemmer

SUFFIXES = """s sses ies ss ied eed ed ing y ational tional enci anci izer bli abli alli entli eli
ousli ization ation ator alism iveness fulness ousness aliti iviti biliti fulli logi icate ative
alize iciti ical ful ness al ance ence er ic able ible ant ement ment ent ion sion tion ou ism ate
iti ous ive ize e ll lly ally ically ogy ology ying yed ys""".split()

EVERYDAY = """using used uses useful key keys news always died dies dying spied flies skies sky biology
additionally generously oed inning innings outing outings canning cannings howe fully they play plays
playing played money delay delays proceed exceed succeed proceeds exceeded by say says saying spy try
fly enjoy enjoyment lying tying tied ties lies pies as is us ion ing ed eed ies yes eyes toys owed
agreed feed hopping hoping filing falling hissing fizzed tanned conflated troubled sized rate cease
controll roll nationally rationally apology analogy logi geology syzygy yyyy yyyyed 2nd 1980s 100s
p14 b2b mp3s 3ing 4ed""".split()


def made_up(rng):
    stem = "".join(rng.choice("aeiouybcdlnrstwxz1") for _ in range(rng.randint(0, 5)))
    return stem + "".join(rng.choice(SUFFIXES) for _ in range(rng.randint(1, 2)))


def main():
    rng = random.Random(20)
    with open("/usr/share/dict/american-english", encoding="utf-8") as file:
        dictionary = sorted({w for w in map(str.lower, file.read().split()) if re.fullmatch("[a-z]+", w)})
    words = set(EVERYDAY) | set(dictionary[::5])
    words |= {made_up(rng) for _ in range(6000)}
    stemmer = PorterStemmer()
    for word in sorted(words):
        print(word, stemmer.stem(word), sep="\t")


if __name__ == "__main__":
    main()
