"""Word F1 and ROUGE-L, and means with their 95 % intervals."""
import collections
import math
import re
import string

try:
    from nltk.stem.porter import PorterStemmer

    _stem = PorterStemmer().stem
except ImportError:  # ROUGE-L of partial matches is slightly lower without stemming

    def _stem(word):
        return word

_STEM_LONGER_THAN = 3


def f1(prediction, answer):
    predicted, expected = _words(prediction), _words(answer)
    same = sum((collections.Counter(predicted) & collections.Counter(expected)).values())
    return 2 * same / (len(predicted) + len(expected)) if same else 0.0


def _words(text):
    without_punctuation = "".join(c for c in text.lower() if c not in string.punctuation)
    return re.sub(r"\b(a|an|the)\b", " ", without_punctuation).split()


def rouge_l(prediction, answer):
    """ROUGE-L F-measure of google-research's rouge_score, with stemming."""
    predicted, expected = _stems(prediction), _stems(answer)
    row = [0] * (len(expected) + 1)  # longest common subsequence by dynamic programming, one row at a time
    for word in predicted:
        before = row[:]
        for j, other in enumerate(expected):
            row[j + 1] = before[j] + 1 if word == other else max(row[j], before[j + 1])
    return 2 * row[-1] / (len(predicted) + len(expected)) if row[-1] else 0.0


def _stems(text):
    words = re.sub(r"[^a-z0-9]+", " ", text.lower()).split()
    return [_stem(word) if len(word) > _STEM_LONGER_THAN else word for word in words]


def mean_with_half_width(values):
    n, mean = len(values), sum(values) / len(values)
    return mean, 1.96 * math.sqrt(sum((value - mean) ** 2 for value in values) / max(1, n - 1) / n)


METRICS = {"word F1": f1, "ROUGE-L": rouge_l}
