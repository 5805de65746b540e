#!/usr/bin/env python3
"""Prints client TTFT minus worker TTFT of finished ttft runs.

usage: gap.py RUN...     trials of several runs are pooled
"""
import collections
import json
import pathlib
import statistics
import sys


def rows(folder):
    with open(pathlib.Path(folder) / "trials.jsonl") as lines:
        for line in lines:
            row = json.loads(line)
            if row["phase"] == "measured" and row["valid"]:
                yield row


def main():
    gaps, queues = collections.defaultdict(list), collections.defaultdict(list)
    for folder in sys.argv[1:]:
        for row in rows(folder):
            key, seconds = (row["length"], row["arm"]), row["seconds"]
            gaps[key].append(1e3 * (seconds["client_ttft"] - seconds["worker_ttft"]))
            queues[key].append(1e3 * seconds["worker_queue"])
    print("| prompt tokens | arm | n | client TTFT − worker TTFT, ms: median (quartiles) | of which in the worker's queue |")
    print("|---|---|---|---|---|")
    for (length, arm), values in sorted(gaps.items()):
        low, middle, high = statistics.quantiles(values) if len(values) > 1 else 3 * values
        queue = statistics.median(queues[length, arm])
        print(f"| {length} | {arm} | {len(values)} | {middle:.2f} ({low:.2f}–{high:.2f}) | {queue:.2f} |")


if __name__ == "__main__":
    main()
