"""From pairs to groups: average linkage, pure.

Two groups are one where their articles are one story with one another on average: a single pair
that is alike by chance joins nothing. Pairs that are not named count as 0, which makes it possible
to group any number of articles in the time of the pairs that there are (scipy's linkage needs all).
"""

from __future__ import annotations

import heapq

from index.stories.similarity import ScoredPairs


def average_linkage(count: int, pairs: ScoredPairs, joined: float) -> list[list[int]]:
    """Return the groups of `count` articles, each in order, the one with the first article first.

    The two groups that are most alike are joined again and again, as long as the mean of their
    pairs is at least `joined`; of equals those with the earlier articles.
    """
    members = {each: [each] for each in range(count)}
    sums: dict[int, dict[int, float]] = {each: {} for each in range(count)}
    heap: list[tuple[float, int, int]] = []
    for one, other, likely in zip(*(each.tolist() for each in pairs), strict=True):
        sums[one][other] = sums[other][one] = likely
        if likely >= joined:
            heap.append((-likely, one, other))
    heapq.heapify(heap)
    while heap:
        negative, one, other = heapq.heappop(heap)
        if other not in members or one not in members:
            continue
        size = len(members[one]) * len(members[other])
        if sums[one].get(other, 0.0) / size != -negative:
            continue  # one of them has grown since
        members[one] += members.pop(other)
        for each, added in sums.pop(other).items():
            del sums[each][other]
            if each == one:
                continue
            total = sums[one].get(each, 0.0) + added
            sums[one][each] = sums[each][one] = total
        for each, total in sums[one].items():
            mean = total / (len(members[one]) * len(members[each]))
            if mean >= joined:
                heapq.heappush(heap, (-mean, min(one, each), max(one, each)))
    return sorted(sorted(each) for each in members.values())
