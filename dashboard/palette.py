"""The colours that mean something. The five strategies have one each, the same in light and dark, everywhere.

The strategies' colours are read from the theme, so that Streamlit's own charts and ours cannot differ.
"""

from typing import Literal

from dashboard import wording
from dashboard.launch import strategy_colours
from strategy.kinds import Fit, Outcome, Strategy

BadgeColour = Literal["red", "orange", "yellow", "blue", "green", "violet", "gray"]

STRATEGIES: tuple[str, ...] = tuple(Strategy)
STRATEGY_COLOURS: dict[str, str] = dict(zip(STRATEGIES, strategy_colours(), strict=True))
# The same with the moves within one strategy, which have its colour.
OPTIONS: tuple[str, ...] = (*STRATEGIES, *wording.OF_ONE_STRATEGY.values())
OPTION_COLOURS: list[str] = [
    STRATEGY_COLOURS[name.partition(":")[0]] for name in (*STRATEGIES, *wording.OF_ONE_STRATEGY)
]

# Dark, middling and pale: told apart by lightness alone, whatever the eye; each with the ink that reads on it.
FIT_COLOURS: dict[str, str] = {Fit.YES: "#1f8577", Fit.PARTLY: "#e6c66e", Fit.NO: "#b4532a", Fit.UNKNOWN: "#c3ccd6"}
FIT_INK: dict[str, str] = {Fit.YES: "#ffffff", Fit.PARTLY: "#1b2430", Fit.NO: "#ffffff", Fit.UNKNOWN: "#1b2430"}
FIT_SYMBOLS: dict[str, str] = {Fit.YES: "✓", Fit.PARTLY: "~", Fit.NO: "×", Fit.UNKNOWN: "?"}

INTAKE_COLOURS: dict[str, str] = {
    "accepted": "#1f8577",
    "duplicate": "#9aa8b5",
    "not a call": "#d3dae1",
    "refused": "#b4532a",
}

# Lines and words that are not a strategy. This grey reads on both backgrounds; marks differ by dash as well as colour.
LINE = "#647a90"
PRICE_MARK = "#b4532a"
FLIP_MARK = "#8d3db8"
MIGRATION_MARK = "#1f8577"

VERDICT_BADGES: dict[str, BadgeColour] = {
    Outcome.STAY: "green",
    Outcome.WATCH: "blue",
    Outcome.DUE: "orange",
    Outcome.BLOCKED: "red",
}


def strategy_of(option: str) -> str:
    """The strategy of an option that may carry a variant.

    >>> strategy_of("hybrid:rag")
    'hybrid'
    """
    return option.partition(":")[0]
