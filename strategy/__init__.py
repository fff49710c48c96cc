"""The rules: pure functions on values that say when a feature should move, to what, and why.

`judge` turns a frozen `Snapshot` into a `Verdict`; everything else here feeds it or tells what it said.
"""

from strategy.cause import what_moved
from strategy.cost import models_needed
from strategy.judge import judge
from strategy.policy import Policy
from strategy.prices import PriceBook, mix_cost
from strategy.snapshot import digest, dumps, loads
from strategy.verdict import Cause, Verdict, document

__all__ = [
    "Cause",
    "Policy",
    "PriceBook",
    "Verdict",
    "digest",
    "document",
    "dumps",
    "judge",
    "loads",
    "mix_cost",
    "models_needed",
    "what_moved",
]
