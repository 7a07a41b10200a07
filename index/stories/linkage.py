"""Cluster articles by average linkage over a sparse list of scored pairs.

Two clusters merge if the mean probability over all their pairs is high enough, so a single pair
that is similar by chance merges nothing. Missing pairs count as 0, so the running time depends on
the number of listed pairs only (scipy's linkage needs all pairs). Pure functions, no I/O.
"""

from __future__ import annotations

import heapq

from index.stories.similarity import ScoredPairs


def average_linkage(count: int, pairs: ScoredPairs, threshold: float) -> list[list[int]]:
    """Return the clusters of articles 0 to `count` - 1, each sorted, ordered by first article.

    Repeatedly merges the two most similar clusters while the mean probability of their pairs is at
    least `threshold`; ties go to the clusters with the earlier articles.
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
            continue  # stale entry: one of the clusters has grown since
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
