#!/usr/bin/env python3
"""Recomputes betting_golden.tsv: usage: betting_golden.py < betting_golden.tsv

Columns: margin, alpha, decision, samples used, log capital of pass and of fail after all samples, ends of the
confidence interval on a grid of 0.001, losses (baseline minus candidate) separated by spaces. The losses are
input; everything else is computed here, in decimal arithmetic of 40 digits.
"""

import sys
from decimal import Decimal, getcontext

getcontext().prec = 40
SHARES = [Decimal(s) for s in "0.02 0.05 0.1 0.2 0.4 0.6 0.8 0.9 0.95 0.99 0.999".split()]
GRID = [Decimal(-1) + Decimal("1e-6") + i * (2 - Decimal("2e-6")) / 2000 for i in range(2001)]


def capitals(values, bound):
    """Mean capital after each value, against "the mean of the values is at most bound"."""
    bets = [share / (1 + bound) for share in SHARES]
    capital = [Decimal(1)] * len(bets)
    for value in values:
        capital = [c * (1 + b * (value - bound)) for c, b in zip(capital, bets)]
        yield sum(capital) / len(capital)


def last(values, bound):
    *_, capital = capitals(values, bound)
    return capital


def first_kept(values, alpha):
    """Lowest mean of the grid that is not rejected, by bisection: the capital falls along the grid."""
    low, high = -1, len(GRID) - 1
    while high - low > 1:
        middle = (low + high) // 2
        if last(values, GRID[middle]) >= 2 / alpha:
            low = middle
        else:
            high = middle
    return GRID[high]


for line in sys.stdin:
    margin, alpha, *_, losses = line.rstrip("\n").split("\t")
    margin, alpha = Decimal(margin), Decimal(alpha)
    values = [Decimal(v) for v in losses.split()]
    gains = [-v for v in values]
    paths = {"pass": list(capitals(gains, -margin)), "fail": list(capitals(values, margin))}
    decision, samples = "undecided", len(values)
    for i in range(len(values)):
        decided = [side for side, path in paths.items() if path[i] >= 1 / alpha]
        if decided:
            decision, samples = decided[0], i + 1
            break
    ends = first_kept(values, alpha), -first_kept(gains, alpha)
    print(margin, alpha, decision, samples, *("%.12f" % path[-1].ln() for path in paths.values()),
          *("%.4f" % end for end in ends), losses, sep="\t")
