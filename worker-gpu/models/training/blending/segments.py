"""Extends the rows that a question attends to: an answer often follows the words that the question matches."""
import math

_ANCHOR_SHARE = .75
_MAX_GAP = 3  # positions between anchors of one segment
_MIN_EXTENSION, _MAX_EXTENSION = 8, 64


def expand_right(mass, eligible, budget):
    """mass: attention per position. eligible: positions in order. -> set of at most budget positions

    The highest 3/4 of the budget are anchors. Segments of close anchors, in order of mass / sqrt(length), extend to the
    right; the remaining budget goes to the highest rows.
    """
    ranked = sorted(eligible, key=lambda position: (-mass[position], position))
    chosen, allowed = set(ranked[:int(_ANCHOR_SHARE * budget)]), set(eligible)
    segments = _segments(sorted(chosen))
    segments.sort(key=lambda segment: (-sum(mass[position] for position in segment) / math.sqrt(len(segment)), segment[0]))
    for segment in segments:
        first = segment[-1] + 1
        for position in range(first, first + _extension(len(segment))):
            if len(chosen) >= budget or position not in allowed:
                break
            chosen.add(position)
    for position in ranked:
        if len(chosen) >= budget:
            break
        chosen.add(position)
    return chosen


def _segments(anchors):
    segments = []
    for position in anchors:
        if not segments or position - segments[-1][-1] > _MAX_GAP:
            segments.append([])
        segments[-1].append(position)
    return segments


def _extension(length):
    return min(_MAX_EXTENSION, max(_MIN_EXTENSION, round(_MIN_EXTENSION * math.sqrt(length))))
