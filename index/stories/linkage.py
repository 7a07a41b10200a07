"""From pairs to groups: average linkage, pure.

Two groups are one where their articles are one story with one another on average: a single pair
that is alike by chance joins nothing. Pairs that are not named count as 0, which makes it possible
to group any number of articles in the time of the pairs that there are (scipy's linkage needs all).
"""

from __future__ import annotations

import heapq

from index.stories.similarity import ScoredPairs


def average_linkage(count: int, pairs: ScoredPairs, threshold: float) -> list[list[int]]:
    """Return the groups of `count` articles, each in order, the one with the first article first.

    The two groups that are most alike are joined again and again, as long as the mean of their
    pairs is at least `threshold`; of equals those with the earlier articles.
    """
    members = {index: [index] for index in range(count)}
    sums: dict[int, dict[int, float]] = {index: {} for index in range(count)}
    heap: list[tuple[float, int, int]] = []
    for first, second, probability in zip(*(array.tolist() for array in pairs), strict=True):
        sums[first][second] = sums[second][first] = probability
        if probability >= threshold:
            heap.append((-probability, first, second))
    heapq.heapify(heap)
    while heap:
        negative, first, second = heapq.heappop(heap)
        if second not in members or first not in members:
            continue
        size = len(members[first]) * len(members[second])
        if sums[first].get(second, 0.0) / size != -negative:
            continue  # one of them has grown since
        members[first] += members.pop(second)
        for neighbour, added in sums.pop(second).items():
            del sums[neighbour][second]
            if neighbour == first:
                continue
            total = sums[first].get(neighbour, 0.0) + added
            sums[first][neighbour] = sums[neighbour][first] = total
        for neighbour, total in sums[first].items():
            mean = total / (len(members[first]) * len(members[neighbour]))
            if mean >= threshold:
                heapq.heappush(heap, (-mean, min(first, neighbour), max(first, neighbour)))
    return sorted(sorted(group) for group in members.values())
