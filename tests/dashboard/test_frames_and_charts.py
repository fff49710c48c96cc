"""Frames and charts as values: what is drawn is what was said, in canonical order and the one palette."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from dashboard import argument_frames, charts, frames, palette, score_frames, time_charts
from db.queries.alerts import Alert
from db.queries.standing import DayChange
from db.queries.verdicts import Flip
from offramp.actions.usage import UsageRow
from strategy.facts import Score
from strategy.kinds import Strategy

DOCUMENT: dict[str, Any] = {
    "now": "prompt",
    "target": "embed",
    "matrix": [
        {
            "property": "latency",
            "value": 1240,
            "unit": "ms",
            "source": "measured",
            "fit": {"prompt": "yes", "code": "no", "embed": "yes", "distill": "partly", "hybrid": "unknown"},
        },
        {"property": "data", "value": None, "unit": "examples", "source": "unknown", "fit": {}},
    ],
    "money": {
        "monthly_usd": {"prompt": "3480.00", "embed": "212.40", "distill": None, "code": "0.00"},
        "one_off_usd": {"embed": "6000.00"},
        "saving_usd_month": "3267.60",
        "payback_days": 56,
        "low": {"monthly_usd": {"embed": "150.00"}},
        "high": {"monthly_usd": {"embed": "400.00"}},
        "horizon_days": 365,
    },
}


def _alert(**values: Any) -> Alert:  # noqa: ANN401 (columns of a table)
    start: dict[str, Any] = dict.fromkeys(Alert.__dataclass_fields__) | {
        "feature": "x",
        "state": "active",
        "now": "prompt",
        "target": "embed",
        "saving_usd_month": Decimal("1.005"),
        "opened_at": datetime(2026, 11, 1, tzinfo=UTC),
        "cause": "",
    }
    return Alert(**(start | values))


def _used(day: int, **values: Any) -> UsageRow:  # noqa: ANN401 (columns of a table)
    start: dict[str, Any] = dict.fromkeys(UsageRow.__dataclass_fields__) | {
        "feature": "x",
        "day": date(2026, 11, day),
        "calls": 10,
        "errors": 0,
        "unpriced_calls": 0,
        "calls_without_tokens": 0,
        "input_tokens": 0,
        "cached_input_tokens": 0,
        "output_tokens": 0,
        "cost_usd": Decimal("1.5"),
    }
    return UsageRow(**(start | values))


def _flip(day: int, verdict: str, **values: Any) -> Flip:  # noqa: ANN401 (columns of a table)
    start: dict[str, Any] = dict.fromkeys(Flip.__dataclass_fields__) | {
        "feature": "x",
        "at": datetime(2026, 11, day, tzinfo=UTC),
        "to_verdict": verdict,
        "cause": "volume",
        "cause_detail": "Traffic rose.",
    }
    return Flip(**(start | values))


def test_strategies_have_one_colour_each_in_canonical_order() -> None:
    """The palette is the theme's: five different colours, code first."""
    assert list(palette.STRATEGY_COLOURS) == list(Strategy)
    assert len(set(palette.STRATEGY_COLOURS.values())) == 5


@pytest.mark.parametrize("background", ["#ffffff", "#12161c"])
def test_colours_stand_out_on_both_backgrounds(background: str) -> None:
    """Every strategy, mark and line has a contrast of at least 3 to 1, in light and in dark."""

    def light(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for colour in (*palette.STRATEGY_COLOURS.values(), palette.LINE, palette.PRICE_MARK, palette.FLIP_MARK):
        ends = sorted([light(colour) + 0.05, light(background) + 0.05])
        assert ends[1] / ends[0] >= 3, colour


def test_the_matrix_is_one_row_a_cell_and_unknown_is_a_fit() -> None:
    """Strategies in canonical order whatever the document's; a missing fit is unknown, a missing value too."""
    frame = argument_frames.matrix(DOCUMENT)
    assert list(frame["strategy"][:5]) == list(Strategy)
    assert list(frame["fit"][:5]) == ["no", "yes", "partly", "unknown", "yes"]
    assert set(frame["fit"][5:]) == {"unknown"}
    assert list(dict.fromkeys(frame["label"])) == ["Latency|1,240 ms · measured", "Data|unknown"]


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (Decimal("0.00144"), "USD/call", "$0.00144 /call · measured"),
        ("0.0000122", "USD/call", "$0.0122 per 1,000 calls · measured"),
        ("structured+open", "", "structured+open · measured"),
        (29663, "calls/day", "29,663 calls/day · measured"),
        (0, "examples", "0 examples · measured"),
    ],
)
def test_matrix_values_read_as_people_write_them(value: object, unit: str, shown: str) -> None:
    """Money with its sign, thousands with commas, words as they are; zero is a value."""
    assert argument_frames.matrix_value({"value": value, "unit": unit, "source": "measured"}) == shown


def test_costs_stand_in_canonical_order_without_the_unknown() -> None:
    """An unknown cost draws no bar; the range is that of the document, else none."""
    frame = argument_frames.monthly_costs(DOCUMENT)
    assert list(frame["option"]) == ["code", "embed", "prompt"]
    assert list(frame["part"]) == ["", "target", "now"]
    assert list(frame["label"]) == ["code|$0", "embed (target)|$212", "prompt (now)|$3,480"]
    assert (frame["low"][1], frame["high"][1]) == (150.0, 400.0)
    assert (frame["low"][2], frame["high"][2]) == (3480.0, 3480.0)


def test_break_even_lines_cross_at_the_payback_day() -> None:
    """Staying costs more from the payback day on, and less before it."""
    frame = argument_frames.break_even(DOCUMENT).pivot_table(index="day", columns="option", values="usd")
    gain = frame["stay on prompt"] - frame["move to embed"]
    assert (gain[gain.index < 55] < 0).all()
    assert (gain[gain.index > 57] > 0).all()
    assert frame["move to embed"].iloc[0] == 6000.0


def test_a_variant_of_the_present_strategy_costs_the_present_less_the_saving() -> None:
    """prompt:cheaper_model has no line of its own in the document's costs."""
    document = DOCUMENT | {"target": "prompt:cheaper_model"}
    frame = argument_frames.break_even(document)
    moved = frame[frame["option"] == "move to cheaper model"]
    assert moved["usd"].iloc[-1] == pytest.approx(212.40 * moved["day"].iloc[-1] / 30)


def test_without_a_target_or_its_cost_there_is_no_break_even() -> None:
    """Nothing is drawn from what is not known."""
    assert argument_frames.break_even(DOCUMENT | {"target": None}).empty
    assert argument_frames.break_even({"now": "prompt", "target": "embed", "money": {}}).empty


def test_an_unpriced_day_is_missing_and_not_zero() -> None:
    """A gap in the line says unknown; a zero would say free."""
    frame = frames.daily([_used(1), _used(2, cost_usd=None, unpriced_calls=10)])
    assert frame["usd"].isna().tolist() == [False, True]
    assert frame["calls"].tolist() == [10, 10]


def test_sparks_put_each_day_in_its_place() -> None:
    """A day without calls is a zero between its neighbours; days outside are left out."""
    days = frames.days_before(date(2026, 11, 4), 3)
    assert frames.spark([_used(1), _used(3), _used(9)], days) == {"x": [1.5, 0.0, 1.5]}
    assert frames.total_per_day([_used(1), _used(1, feature="y")], days) == [3.0, 0.0, 0.0]


def test_totals_are_sums_of_cents() -> None:
    """Each saving is rounded once before it is added, so that the column adds up to the total; unknown adds nothing."""
    alerts = [
        _alert(saving_usd_month=Decimal("1.006")),
        _alert(saving_usd_month=Decimal("1.006")),
        _alert(saving_usd_month=None),
    ]
    assert list(frames.alert_csv(alerts)["saving_usd_month"]) == ["1.01", "1.01", ""]


def test_no_cell_of_the_csv_is_a_formula() -> None:
    """A name that a spreadsheet would run is written as text."""
    frame = frames.alert_csv([_alert(name="=HYPERLINK(1)", owner="@x", cause="-1")])
    assert list(frame.loc[0, ["name", "owner", "cause"]]) == ["'=HYPERLINK(1)", "'@x", "'-1"]


def test_the_first_judgement_is_no_flip_mark() -> None:
    """Nothing flipped on the first day; what flipped is named with its cause."""
    marks = frames.flip_marks([_flip(1, "watch"), _flip(9, "due", to_target="embed", from_verdict="watch")])
    assert [mark["what"] for mark in marks] == ["Due to embed. Traffic rose."]
    assert frames.marks(marks, date(2026, 11, 10)).empty


def test_the_past_is_counted_from_the_flips() -> None:
    """Each day stands where the changes up to its end lead, those before the first day too."""
    changes = [
        DayChange(day=date(2026, 10, 20), due=0, waiting=1, saving_usd_month=Decimal(0)),
        DayChange(day=date(2026, 11, 2), due=1, waiting=-1, saving_usd_month=Decimal(50)),
        DayChange(day=date(2026, 11, 3), due=0, waiting=1, saving_usd_month=Decimal(0)),
        DayChange(day=date(2026, 11, 4), due=-1, waiting=0, saving_usd_month=Decimal(-50)),
    ]
    past = frames.standing_over_time(changes, frames.days_before(date(2026, 11, 5), 4))
    assert list(past["due"]) == [0, 1, 1, 0]
    assert list(past["waiting"]) == [1, 0, 1, 1]
    assert list(past["saving"]) == [0.0, 50.0, 50.0, 0.0]


def test_scores_without_a_strategy_are_of_the_present_one() -> None:
    """And evaluator versions stay apart, for they never mix."""
    at = datetime(2026, 11, 1, tzinfo=UTC)
    scores = [
        Score(key=b"1", feature="x", metric="accuracy", score=Decimal("0.9"), n=10, at=at),
        Score(key=b"2", feature="x", metric="accuracy", score=Decimal("0.8"), n=10, at=at, strategy="distill:own"),
    ]
    frame = score_frames.scores(scores, "hybrid")
    assert list(frame["strategy"]) == ["hybrid", "distill"]
    assert list(frame["option"]) == ["hybrid", "distill · own"]


def test_a_score_has_the_interval_that_its_items_allow() -> None:
    """The exact bounds on either side, in the score's own scale; none without items or off its scale."""
    at = datetime(2026, 11, 1, tzinfo=UTC)
    share = Score(key=b"1", feature="x", metric="accuracy", score=Decimal("0.95"), n=100, at=at)
    low, high = score_frames.interval(share)
    assert (round(low or 0, 3), round(high or 0, 3)) == (0.898, 0.980)
    graded = replace(share, score=Decimal("4.8"), scale_min=Decimal(1), scale_max=Decimal(5))
    assert score_frames.interval(graded) == (1 + 4 * (low or 0), 1 + 4 * (high or 0))
    assert score_frames.interval(replace(share, n=None)) == (None, None)
    assert score_frames.interval(replace(share, score=Decimal(7))) == (None, None)


def test_another_evaluator_breaks_the_line_and_is_named() -> None:
    """Scores before and after a change of evaluator are two segments, with a mark between them."""
    first = Score(
        key=b"1",
        feature="x",
        metric="accuracy",
        score=Decimal("0.9"),
        n=10,
        at=datetime(2026, 11, 1, tzinfo=UTC),
        evaluator="judge",
        evaluator_version="1",
    )
    second = replace(first, at=datetime(2026, 11, 8, tzinfo=UTC), evaluator_version="2")
    other = replace(second, strategy="embed")
    frame = score_frames.scores([first, second, other], "prompt")
    assert list(frame["segment"]) == ["prompt accuracy judge 1", "prompt accuracy judge 2", "embed accuracy judge 2"]
    assert score_frames.breaks([first, second, other], "prompt") == [
        {"at": pd.Timestamp("2026-11-08"), "text": "evaluator is judge 2 from here"}
    ]
    broken = pd.DataFrame(score_frames.breaks([first, second], "prompt"))
    spec = time_charts.score(frame, None, frames.marks([], None), broken).to_dict()
    words = [row["text"] for rows in spec["datasets"].values() for row in rows if "text" in row]
    assert words == ["evaluator is judge 2 from here"]


def _mark_types(chart: charts.Chart) -> list[str]:
    return [layer["mark"]["type"] for layer in chart.to_dict()["layer"]]


def test_the_heatmap_has_colours_and_signs() -> None:
    """A cell is a coloured field with a sign on it; the columns say which is now and which is the target."""
    spec = charts.matrix_heatmap(argument_frames.matrix(DOCUMENT), "prompt", "embed").to_dict()
    cells, signs = spec["layer"]
    assert cells["encoding"]["color"]["scale"]["domain"] == ["yes", "partly", "no", "unknown"]
    assert signs["encoding"]["text"]["field"] == "sign"
    assert cells["encoding"]["x"]["sort"] == ["code|", "embed|target", "distill|", "hybrid|", "prompt|now"]
    (rows,) = spec["datasets"].values()
    assert {(row["fit"], row["sign"]) for row in rows} == {("yes", "✓"), ("partly", "~"), ("no", "×"), ("unknown", "?")}


def test_bars_and_lines_use_the_strategies_own_colours() -> None:
    """One fixed scale wherever a strategy is drawn."""
    scale = {"domain": list(palette.STRATEGY_COLOURS), "range": list(palette.STRATEGY_COLOURS.values())}
    bars = charts.cost_bars(argument_frames.monthly_costs(DOCUMENT)).to_dict()
    lines = charts.break_even(argument_frames.break_even(DOCUMENT), 56).to_dict()
    assert bars["layer"][0]["encoding"]["color"]["scale"] == scale
    assert lines["layer"][0]["encoding"]["color"]["scale"] == scale


def test_break_even_marks_the_payback_day_where_there_is_one() -> None:
    """A rule with its words; without a payback, none."""
    frame = argument_frames.break_even(DOCUMENT)
    with_mark, without = charts.break_even(frame, 56), charts.break_even(frame, None)
    assert _mark_types(with_mark) == ["line", "text", "rule", "text"]
    assert _mark_types(without) == ["line", "text"]
    texts = [row["text"] for rows in with_mark.to_dict()["datasets"].values() for row in rows if "text" in row]
    assert texts == ["pays back on day 56"]


def test_price_changes_and_flips_are_told_apart_by_dash() -> None:
    """Colour alone would not do."""
    marks = pd.DataFrame([{"at": pd.Timestamp("2026-11-02"), "kind": "price changes", "what": "x"}])
    spec = time_charts.spend(frames.daily([_used(1), _used(2)]), marks).to_dict()
    assert spec["layer"][1]["encoding"]["strokeDash"]["scale"]["range"] == [[4, 3], [1, 0], [8, 3]]
    assert spec["description"] == "Spend per day"


def test_charts_of_little_are_drawn_without_a_warning() -> None:
    """No mark, no range, no evaluator: each chart still knows what its columns are."""
    at = datetime(2026, 11, 1, tzinfo=UTC)
    score = Score(key=b"1", feature="x", metric="accuracy", score=Decimal("0.9"), n=None, at=at)
    none, broken = frames.marks([], None), pd.DataFrame(columns=["at", "text"])
    bare = DOCUMENT | {"money": {"monthly_usd": {"prompt": "0.00"}}}
    for chart in (
        time_charts.spend(frames.daily([_used(1)]), none),
        time_charts.calls(frames.daily([_used(1)]), none),
        time_charts.score(score_frames.scores([score], "prompt"), None, none, broken),
        charts.cost_bars(argument_frames.monthly_costs(bare)),
        charts.matrix_heatmap(argument_frames.matrix({}), "prompt", None),
    ):
        assert chart.to_dict()["description"]
