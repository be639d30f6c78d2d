"""The block model: small trees that say how likely a block is the article's. `benchmarks/block_model.py` made them.

Sums are of whole numbers and features are counts and quotients, so that the same page gives the same article on every
machine.
"""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

from crawler.extract.features import FEATURES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FILE = "block_model.json"
SCALE = 1_000
"""Leaves are thousandths of log-odds."""


@dataclass(frozen=True, slots=True)
class BlockModel:
    """Every node of every tree in one row of numbers; a leaf is its own successor."""

    feature: NDArray[np.int32]
    threshold: NDArray[np.float64]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    value: NDArray[np.int64]
    roots: NDArray[np.int32]
    depth: int

    def scores(self, rows: list[list[float]]) -> list[int]:
        """Log-odds of each block in thousandths: above 0 it is rather the article's than not."""
        import numpy as np

        if not rows:
            return []
        table = np.asarray(rows, dtype=np.float64)
        at = np.broadcast_to(self.roots, (len(rows), len(self.roots)))
        row = np.arange(len(rows))[:, None]
        for _ in range(self.depth):
            goes_left = table[row, self.feature[at]] <= self.threshold[at]
            at = np.where(goes_left, self.left[at], self.right[at])
        return [int(score) for score in self.value[at].sum(axis=1)]


@functools.cache
def block_model() -> BlockModel:
    """The model that ships, loaded once a process."""
    import numpy as np

    data = json.loads(files("crawler.extract").joinpath(FILE).read_text(encoding="utf-8"))
    if tuple(data["features"]) != FEATURES:
        raise ValueError(f"{FILE} was made for other features; run benchmarks/block_model.py")
    return BlockModel(
        feature=np.array(data["feature"], dtype=np.int32),
        threshold=np.array(data["threshold"], dtype=np.float64),
        left=np.array(data["left"], dtype=np.int32),
        right=np.array(data["right"], dtype=np.int32),
        value=np.array(data["value"], dtype=np.int64),
        roots=np.array(data["roots"], dtype=np.int32),
        depth=int(data["depth"]),
    )
