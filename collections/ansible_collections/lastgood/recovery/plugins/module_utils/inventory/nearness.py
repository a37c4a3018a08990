# SPDX-License-Identifier: GPL-3.0-or-later
"""Which word was meant, when one is written that nobody knows."""
from __future__ import annotations

from collections.abc import Collection


def nearest(word: str, known: Collection[str]) -> str:
    """The known word that is a slip away: one letter of a short word, two of a longer one, other case or dashes; else empty."""
    plain = _plain(word)
    slips = 1 if len(plain) < 8 else 2
    near = [(distance, one) for one in known if (distance := _distance(plain, _plain(one), slips)) <= slips]
    return min(near)[1] if near and len(plain) > 2 else ""


def _plain(word: str) -> str:
    return word.lower().replace("-", "_")


def _distance(one: str, other: str, most: int) -> int:
    """Letters that are put in, left out, changed, or swapped with the next one; more than C(most) where it is more."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        earlier, before, row = before, row, [i]
        for j, against in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != against))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == against:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return row[-1]
