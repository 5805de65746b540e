"""The arms that evaluate.py scores."""
from dataclasses import dataclass, field
from enum import Enum


class Selector(Enum):
    """Ranks the cached rows of a prompt; the highest are recomputed."""

    VALUE = "value deviation"
    KEY = "key deviation"
    RANDOM = "random"
    CHUNK_HEAD = "first rows of each chunk"

    @property
    def needs_fresh_kv(self):
        return self in (Selector.VALUE, Selector.KEY)


@dataclass(frozen=True)
class Arm:
    """schedule: {layer: share of the cached rows that stay active from there on}. from_start: share chosen before layer 0."""

    reuses: bool = True
    schedule: dict = field(default_factory=dict)
    selector: Selector = Selector.VALUE
    from_start: float = 0

    def __post_init__(self):
        if self.from_start and (self.selector.needs_fresh_kv or self.schedule):
            raise ValueError("rows chosen before layer 0 need a selector without fresh KV, and no schedule")


_RATIOS = (.05, .1, .15, .2, .3, .5, 1)

ARMS = {
    "full_prefill": Arm(reuses=False),
    "full_kv_reuse": Arm(),
    **{f"cacheblend@{ratio:g}": Arm(schedule={1: ratio}) for ratio in _RATIOS},
    "cacheblend@1=.20,2=.17,3=.15": Arm(schedule={1: .20, 2: .17, 3: .15}),
    "cacheblend@2=.15": Arm(schedule={2: .15}),
    "cacheblend@3=.15": Arm(schedule={3: .15}),
    "cacheblend@0.15:key": Arm(schedule={1: .15}, selector=Selector.KEY),
    "random@0.15": Arm(from_start=.15, selector=Selector.RANDOM),
    "random@1=.15": Arm(schedule={1: .15}, selector=Selector.RANDOM),
    "chunk-head@0.15": Arm(from_start=.15, selector=Selector.CHUNK_HEAD),
    "chunk-head@1=.15": Arm(schedule={1: .15}, selector=Selector.CHUNK_HEAD),
}
