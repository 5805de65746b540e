"""The arms that evaluate.py scores."""
from dataclasses import dataclass, field
from enum import Enum


class Selector(Enum):
    """Ranks the cached rows of a prompt; the highest are recomputed."""

    VALUE = "value deviation"
    KEY = "key deviation"
    RANDOM = "random"
    CHUNK_HEAD = "first rows of each chunk"
    QUERY_ATTENTION = "attention of the query rows"
    QUERY_ATTENTION_EXPANDED = "attention of the query rows, segments extended to the right"
    HEAD_ATTENTION = "half first rows of each chunk, half attention of the query rows"
    VALUE_X_ATTENTION = "value deviation times attention of the query rows"

    @property
    def needs_fresh_kv(self):
        return self in (Selector.VALUE, Selector.KEY, Selector.VALUE_X_ATTENTION)


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


FULL_KV_REUSE = Arm()
_RATIOS = (.05, .1, .15, .2, .3, .5, 1)
_FROM_START = {
    "random": Selector.RANDOM, "chunk-head": Selector.CHUNK_HEAD, "query-attn": Selector.QUERY_ATTENTION,
    "query-attn:expand": Selector.QUERY_ATTENTION_EXPANDED, "head-attn": Selector.HEAD_ATTENTION}


def _name(name, ratio):
    """The ratio precedes parameters: query-attn@0.15:expand."""
    base, *parameters = name.split(":")
    return ":".join([f"{base}@{ratio:g}", *parameters])


ARMS = {
    "full_prefill": Arm(reuses=False),
    "full_kv_reuse": FULL_KV_REUSE,
    **{f"cacheblend@{ratio:g}": Arm(schedule={1: ratio}) for ratio in _RATIOS},
    "cacheblend@1=.20,2=.17,3=.15": Arm(schedule={1: .20, 2: .17, 3: .15}),
    "cacheblend@2=.15": Arm(schedule={2: .15}),
    "cacheblend@3=.15": Arm(schedule={3: .15}),
    "cacheblend@0.15:key": Arm(schedule={1: .15}, selector=Selector.KEY),
    "random@1=.15": Arm(schedule={1: .15}, selector=Selector.RANDOM),
    "chunk-head@1=.15": Arm(schedule={1: .15}, selector=Selector.CHUNK_HEAD),
    **{_name(name, ratio): Arm(from_start=ratio, selector=selector) for name, selector in _FROM_START.items() for ratio in (.05, .15, .3)},
    **{f"deviation-x-attn@{ratio:g}": Arm(schedule={1: ratio}, selector=Selector.VALUE_X_ATTENTION) for ratio in (.05, .15, .3)},
}

# The comparison that ends a training run.
SUMMARY_ARMS = [
    "full_prefill", "full_kv_reuse",
    *(_name(name, ratio) for ratio in (.15, .3)
      for name in ("cacheblend", "chunk-head", "query-attn", "query-attn:expand", "head-attn", "deviation-x-attn", "random"))]
