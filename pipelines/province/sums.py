"""Whole numbers that add up to a given total; what they count is not known here."""

from collections.abc import Mapping
from random import Random


def share_out(rng: Random, total: int, parts: int, least: int = 0) -> list[int]:
    """Unequal parts of at least `least` that add up to `total`."""
    weights = [rng.lognormvariate(0, 0.5) for _ in range(parts)]
    spare, weight = total - least * parts, sum(weights)
    sizes = [least + int(spare * w / weight) for w in weights]
    for n in range(total - sum(sizes)):
        sizes[n % parts] += 1
    return sizes


def counts_of_shares(percents: Mapping[str, float], total: int) -> dict[str, int]:
    """Whole counts whose shares of `total` round to these percentages; largest remainders close a partition."""
    exact = {name: total * p / 100 for name, p in percents.items()}
    counts = {name: int(x) for name, x in exact.items()}
    missing = round(sum(exact.values())) - sum(counts.values())
    for name in sorted(exact, key=lambda name: counts[name] - exact[name])[:missing]:
        counts[name] += 1
    return counts
