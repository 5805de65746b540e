"""Writes pairs of random texts and their scores, tab-separated, to standard output.

Columns: prediction, reference, word F1 (LongBench), set F1, ROUGE-L plain, ROUGE-L stemmed. Built on
the very functions the reference scorers rest on: CPython's str and re, NLTK's stemmer. Backslashes and
everything outside printable ASCII are written as UTF-16 escapes.
"""

import collections
import functools
import random
import re
import string

from nltk.stem.porter import PorterStemmer

WORDS = """a an the A An The THE a\u0301 \u00c9a \u00e9a ana thea a_b _a a1 1a \u2460a a\u00b2 yes no Paris paris Paris. U.S.A. USA
John's Johns 12,000 12000 na\u00efve caf\u00e9 cafe under_score underscore state-of-the-art \u2019the the\u2019 \u201cthe\u201d
\u0130stanbul istanbul \u0131 I i \u03a3 \u039f\u0394\u039f\u03a3 \u039f\u0394\u039f\u03a3. \u1e9e \u00df K \u212a \U00010400a \U0001d7d9 \u4e2d\u6587 \u4e00 \u0e01\u0e34 \u093e a\u200b \ufeffa keys key
playing played plays using used flies died dying skies news generally biology always -- \u2014 \u00bf ... $5 5 \U0001f600
running runs relational conditionally happiness""".split()
SPACES = [" "] * 12 + ["  ", "\t", "\n", "\x0b", "\x0c", "\r", "\x1c", "\x1f", "\x85", "\xa0", "\u1680", "\u2003", "\u2028",
                       "\u202f", "\u205f", "\u3000", "\u200b", ""]


def text(rng):
    pool = rng.sample(WORDS, 12)
    return "".join(rng.choice(pool) + rng.choice(SPACES) for _ in range(rng.randint(0, 9)))


def variant(rng, other):
    """A text that shares words with another one, so that scores are seldom zero."""
    words = re.split("( +)", other) + [rng.choice(WORDS)]
    rng.shuffle(words)
    return " ".join(words[: rng.randint(0, len(words))])


def f1(shared, predicted, expected):
    if not shared:
        return 0.0
    precision, recall = shared / predicted, shared / expected
    return 2 * precision * recall / (precision + recall)


def squad_words(s):
    s = "".join(c for c in s.lower() if c not in string.punctuation)
    return re.sub(r"\b(?:a|an|the)\b", " ", s).split()


def word_f1(prediction, reference):
    p, r = squad_words(prediction), squad_words(reference)
    return f1(sum((collections.Counter(p) & collections.Counter(r)).values()), len(p), len(r))


def set_f1(prediction, reference):
    p, r = set(prediction.lower().split()), set(reference.lower().split())
    return f1(len(p & r), len(p), len(r))


def rouge_l(prediction, reference, stem):
    p, r = ([stem(w) if len(w) > 3 else w for w in re.findall("[a-z0-9]+", s.lower())] for s in (prediction, reference))

    @functools.cache
    def lcs(i, j):
        if i == len(p) or j == len(r):
            return 0
        return lcs(i + 1, j + 1) + 1 if p[i] == r[j] else max(lcs(i + 1, j), lcs(i, j + 1))

    return f1(lcs(0, 0), len(p), len(r))


def escaped(s):
    units = s.encode("utf-16-be")
    codes = [units[i] << 8 | units[i + 1] for i in range(0, len(units), 2)]
    return "".join(chr(c) if 32 <= c < 127 and c != 92 else f"\\u{c:04x}" for c in codes)


def main():
    rng = random.Random(20)
    stem = PorterStemmer().stem
    for _ in range(600):
        reference = text(rng)
        prediction = variant(rng, reference) if rng.random() < 0.8 else text(rng)
        scores = [
            word_f1(prediction, reference),
            set_f1(prediction, reference),
            rouge_l(prediction, reference, str),
            rouge_l(prediction, reference, stem),
        ]
        print(escaped(prediction), escaped(reference), *scores, sep="\t")


if __name__ == "__main__":
    main()
