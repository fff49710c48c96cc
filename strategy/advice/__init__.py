"""Advice: the judge's answer for a task that is only described, before there is traffic, money or evidence.

It asks the same gates and the same matrix as `strategy.judge`; what was not said of prerequisites counts as met.
"""

from strategy.advice.advise import advise
from strategy.advice.describe import read_described
from strategy.advice.described import Described
from strategy.advice.document import Advice, advice_document

__all__ = ["Advice", "Described", "advice_document", "advise", "read_described"]
