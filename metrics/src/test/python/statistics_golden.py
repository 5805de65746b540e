#!/usr/bin/env python3
"""Prints the reference values of PermutationTestTest, StabilityTest and OutliersTest.

Needs numpy and scipy; the values in the tests are of numpy 2.4.6 and scipy 1.17.1.
"""

import numpy as np
from scipy import stats

SKEWED = [0, 0, 0.5, 0, 0, 1, 0, 0.25, 0, 0, -0.5, 0, 1, 0, 0, 0.4, 0, 0, 0.1, 0, 0.75, 0, 0, 0.2]
FEW = [0.3, -0.1, 0.25, 0.4, 0.05, 0.2, -0.02]
SERIES = [5.0, 4.2, 4.4, 3.9]
SPREAD = [10.1, 10.3, 9.9, 10.0, 10.2, 14.0, 10.1, 9.0]

for name, values in (("skewed", SKEWED), ("few", FEW)):
    x = np.array(values)
    exact = stats.permutation_test((x, np.zeros_like(x)), lambda a, b: np.mean(a - b),
                                   permutation_type="samples", n_resamples=200_000,
                                   rng=np.random.default_rng(2))
    print(name, "p", exact.pvalue)
slope = np.polyfit(range(len(SERIES)), SERIES, 1)[0]
print("drift", slope * (len(SERIES) - 1), "spread", np.std(SERIES, ddof=1))
z = (np.array(SPREAD) - np.median(SPREAD)) / stats.median_abs_deviation(SPREAD, scale="normal")
print("modified z", np.round(z, 4))

# The largest modified z in samples of normal values: its 99th percentile, and how often it is above
# 3.5 as it is, and with the factors for the bias of the deviation of so few (C. Croux and P. Rousseeuw,
# "Time-Efficient Algorithms for Two Highly Robust Estimators of Scale", 1992).
BIAS = {5: 1.206, 6: 1.200, 7: 1.140, 8: 1.129, 9: 1.107}
rng = np.random.default_rng(20261122)
for n in [*range(5, 21), 40, 100]:
    largest = []
    for _ in range(n):
        x = rng.standard_normal((2_000_000 // n, n))
        d = np.abs(x - np.median(x, axis=1, keepdims=True))
        largest.append(d.max(axis=1) / stats.median_abs_deviation(x, axis=1, scale="normal"))
    largest = np.concatenate(largest)
    print("limit", n, np.quantile(largest, 0.99), "above 3.5", np.mean(largest > 3.5),
          "without bias", np.mean(largest / BIAS.get(n, n / (n - 0.8)) > 3.5))

# Sign flips, counted exactly: each value of FEW less 0.1, three times.
sums = {0: 1}
for value in [round(v * 100) - 10 for v in FEW for _ in range(3)]:
    shifted = {}
    for total, count in sums.items():
        for sign in (1, -1):
            shifted[total + sign * value] = shifted.get(total + sign * value, 0) + count
    sums = shifted
found = 3 * round(sum(FEW) * 100 - 70)
print("many p", sum(c for s, c in sums.items() if abs(s) >= found) / 2 ** (3 * len(FEW)))
