"""Where the price book stands: its age, what is announced, what happened and what that did to verdicts."""

from datetime import datetime

import streamlit as st

from dashboard import pieces, price_chart, price_frames, wording
from dashboard.price_frames import Moment
from offramp.actions.price_age import PriceAge
from offramp.actions.price_overview import PriceOverview
from strategy.prices import BOOK_OLD_AFTER


def sentence(found: PriceOverview) -> str:
    """What a person should know first: what waits for them, what is coming, or that nothing is."""
    coming = len(_coming(found))
    moved = sum(len(news.flips) for news in found.news)
    waits = wording.plural(found.undecided, "price waits", "prices wait")
    parts = [
        f"{waits} for your yes or no" if found.undecided else "",
        f"{wording.plural(coming, 'change is', 'changes are')} announced for models in use" if coming else "",
        f"prices and models moved {wording.plural(moved, 'verdict')} in half a year" if moved else "",
    ]
    told = "; ".join(part for part in parts if part)
    return (
        f"{told[:1].upper()}{told[1:]}." if told else "Nothing waits, nothing is announced, no price moved a verdict."
    )


def state(found: PriceOverview) -> None:
    """Empty, failed, stale and fresh are four different things."""
    age = found.age
    match age.state:
        case "empty":
            pieces.empty("The price book is empty.", "Fill it from the installed package:", "offramp prices refresh")
        case "failed":
            pieces.failed(
                f"The last refresh of the price book failed {wording.when(age.failed_at, found.read_at)}.",
                f"{age.failure}. The last good book stays: prices were read {wording.ago(age.read_at, found.read_at)}.",
                "mend what it names, then run `offramp prices refresh`.",
            )
        case "stale":
            what = f"Prices were not read for more than {BOOK_OLD_AFTER.days} days: newer ones may be in force."
            pieces.stale(what, age.read_at, found.read_at)
            cure = "**What to do:** `pip install -U genai-prices`, or set `OFFRAMP_PRICES_URL`; then"
            st.markdown(f"{cure} `offramp prices refresh`.")
        case _:
            pass


def figures(found: PriceOverview) -> None:
    """Four numbers: the age, the models, what is announced, what waits."""
    coming = _coming(found)
    with st.grid(columns=4, min_column_width=180):
        age_figure(found.age, found.read_at)
        pieces.figure(
            "Models that matter",
            f"{len(found.models)}",
            below="used or possible",
            note="Those that traffic used in eight weeks, that a feature names, or that a feature could move to.",
        )
        pieces.figure(
            "Announced",
            f"{len(coming)}",
            below=f"next {wording.tight_day(coming[0].at.date())}" if coming else "nothing ahead",
            note="Price changes and retirements of these models that are still to come.",
        )
        pieces.figure(
            "Waiting for you",
            f"{found.undecided}",
            below="proposed prices",
            note="Prices that a list says differently and that a person confirms.",
        )


def age_figure(age: PriceAge, now: datetime) -> None:
    """When prices were last read, and whether that is fresh."""
    pieces.figure(
        "Price book",
        age.state,
        below="never read" if age.read_at is None else f"read {wording.ago(age.read_at, now)}",
        note="When a price list was last read or held against the book"
        + (f" ({wording.clock(age.read_at)})" if age.read_at else "")
        + f"; stale after {BOOK_OLD_AFTER.days} days.",
    )


def announced(found: PriceOverview) -> None:
    """Half a year back and a year ahead as a picture, and what is ahead in words."""
    pieces.section("What is coming", "Price changes and retirements of the models that matter, on one line of time.")
    moments, coming = _moments(found), _coming(found)
    if not moments:
        pieces.empty("No price moved and none is announced.", "Half a year back and a year ahead were looked at.")
        return
    words = "; ".join(f"{each.at.date()} {each.model} {each.what}: {each.text}" for each in coming) or "nothing ahead"
    chart = price_chart.time_line(price_frames.time_line(moments), found.read_at.date())
    pieces.chart(chart, f"Price changes and retirements over time; to come: {words}")
    if coming:
        config = st.column_config
        st.dataframe(
            price_frames.ahead_table(coming, found.read_at),
            hide_index=True,
            placeholder=wording.MISSING,
            key="ahead",
            alt="Announced price changes and retirements, the soonest first",
            column_config={
                "When": config.TextColumn(width=95),
                "In": config.TextColumn(width=75),
                "Model": config.TextColumn(width=200),
                "What": config.TextColumn(width="large"),
            },
        )


def happened(found: PriceOverview) -> None:
    """Each event with the features it is about and the verdicts it moved, newest first."""
    pieces.section("What happened", "Events of the last half year, with the features they touch and what they moved.")
    if not found.news:
        pieces.empty("No event touched a feature.", "Events are noticed with every review and every refresh.")
        return
    config = st.column_config
    st.dataframe(
        price_frames.news_table(found.news),
        hide_index=True,
        placeholder=wording.MISSING,
        key="news",
        alt="What happened to prices and models, newest first, with the verdicts it moved",
        column_config={
            "When": config.TextColumn(width=95),
            "What": config.TextColumn(width=150),
            "Detail": config.TextColumn(width=380),
            "Features": config.TextColumn(width=220),
            "Verdicts moved": config.TextColumn(width="large"),
        },
    )


def _moments(found: PriceOverview) -> list[Moment]:
    return price_frames.moments(found.changes, found.retirements)


def _coming(found: PriceOverview) -> list[Moment]:
    return price_frames.ahead(_moments(found), found.read_at)
