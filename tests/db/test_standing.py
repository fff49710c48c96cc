"""What the database counts and orders for the pages is what Python would of all rows, on both databases."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from random import Random

import pytest
from sqlalchemy import Engine

from db.queries.alerts import Alert, AlertFilter, alert_choices, alert_page, alert_sum, alerts, closed_since
from db.queries.standing import day_changes, held_back, standing
from db.queries.verdicts import flips, latest_verdicts
from db.session import Session, reading, transaction
from db.tables import AlertMoveRow, AlertRow, FeatureRow, FlipRow, SnapshotRow, VerdictRow
from offramp.actions.alerts import list_alerts
from strategy.lifecycle import OPEN, State
from strategy.money import cents

START = datetime(2026, 11, 1, tzinfo=UTC)
FEATURES = 24
_VERDICTS = ("stay", "watch", "due", "blocked")


@pytest.fixture
def many(engine: Engine) -> Engine:
    """Features with a few flips each; every second has had an alert, and some stand on half a cent."""
    random, ids = Random(7), count(1)  # noqa: S311 (any numbers will do, the same each time)
    with transaction(engine) as session:
        session.add(SnapshotRow(sha="s", document="{}"))
        for number in range(1, FEATURES + 1):
            session.add(_feature(number))
            session.flush()
            flipped = [_flip(session, number, ids, random) for _ in range(random.randint(1, 4))]
            if number % 2:
                _alert(session, number, flipped[-1], random)
    return engine


def _feature(number: int) -> FeatureRow:
    name = "Ärger im LAGER" if number == 3 else f"Feature {number}"
    return FeatureRow(
        id=number,
        slug=f"f-{number:02}",
        name=name,
        owner=("ann", "bob", None)[number % 3],
        strategy="prompt",
        document="{}",
        created_at=START,
        updated_at=START,
    )


def _flip(session: Session, number: int, ids: Iterator[int], random: Random) -> FlipRow:
    place, verdict = next(ids), random.choice(_VERDICTS)
    saving = random.choice([None, Decimal("1.005"), Decimal("1.015"), Decimal(random.randint(1, 10**6)) / 1000])
    at = START + timedelta(hours=place * 5)
    session.add(
        VerdictRow(
            id=place,
            feature_id=number,
            as_of=at,
            judged_at=at,
            verdict=verdict,
            now="prompt",
            target="embed",
            saving_usd_month=saving,
            confidence=Decimal("0.87"),
            due_by=date(2027, 1, 14) if place % 9 == 0 else None,
            snapshot_sha="s",
            engine="1",
            document="{}",
        )
    )
    session.flush()
    flip = FlipRow(
        id=place, feature_id=number, at=at, verdict_id=place, to_verdict=verdict, cause="volume", cause_detail="more"
    )
    session.add(flip)
    session.flush()
    return flip


def _alert(session: Session, number: int, flip: FlipRow, random: Random) -> None:
    state = random.choice([*OPEN, *OPEN, State.DISMISSED, State.CLOSED])
    session.add(
        AlertRow(
            id=number,
            feature_id=number,
            state=state,
            opened_at=flip.at,
            opened_flip_id=flip.id,
            closed_at=flip.at if state == State.CLOSED else None,
            now="prompt",
            target=random.choice(["embed", "code"]),
            saving_usd_month=random.choice([None, Decimal("1.005"), Decimal(random.randint(1, 10**6)) / 1000]),
            confidence=random.choice([None, Decimal("0.5"), Decimal("0.91")]),
            due_by=random.choice([None, None, date(2027, 1, 14), date(2027, 3, 1)]),
            cause="100% more_calls",
            verdict_id=flip.verdict_id,
            owner=random.choice([None, "cleo"]),
        )
    )
    session.flush()
    for move in range(2):
        session.add(AlertMoveRow(alert_id=number, at=flip.at, by="x", move="open", to_state=state, why=f"move {move}"))
    session.flush()


def test_pages_of_alerts_are_the_list_in_its_order(many: Engine) -> None:
    """Cut by the database, page after page, they are what the command lists, with the same last moves."""
    listed = list_alerts(many, state="all")
    with reading(many) as session:
        pages = [alert_page(session, AlertFilter(), limit=5, offset=start) for start in range(0, len(listed), 5)]
    assert [alert for page in pages for alert in page] == listed
    assert {alert.note for alert in listed} == {"move 1"}


@pytest.mark.parametrize(
    "wanted",
    [
        AlertFilter(),
        AlertFilter(states=OPEN),
        AlertFilter(owner="cleo"),
        AlertFilter(owner="ann"),
        AlertFilter(target="code"),
        AlertFilter(text="ÄRGER"),
        AlertFilter(text="lager"),
        AlertFilter(text="0% more_"),
        AlertFilter(text="%"),
        AlertFilter(text="nothing_"),
    ],
)
def test_filters_and_sums_are_those_of_all_rows(many: Engine, wanted: AlertFilter) -> None:
    """A filter finds what it says, letters of any language in any case, and the sum is to the cent, halves to even."""

    def kept(alert: Alert) -> bool:
        told = f"{alert.feature} {alert.name} {alert.owner or ''} {alert.cause}".lower()
        return (
            (wanted.states is None or alert.state in wanted.states)
            and wanted.owner in (None, alert.owner)
            and wanted.target in (None, alert.target)
            and (wanted.text or "").lower() in told
        )

    with reading(many) as session:
        expected = [alert for alert in alerts(session) if kept(alert)]
        found, total = alert_page(session, wanted), alert_sum(session, wanted)
    assert {alert.id for alert in found} == {alert.id for alert in expected}
    assert total.count == len(expected)
    saved = (cents(alert.saving_usd_month) for alert in expected if alert.saving_usd_month)
    assert total.saving_usd_month == sum(saved, Decimal(0))


def test_what_is_due_and_waits_by_the_day_follows_the_flips(many: Engine) -> None:
    """The changes of the days add up to where the newest flips of the features that nobody dismissed stand."""
    with reading(many) as session:
        silent = {alert.feature for alert in alerts(session, states=[State.DISMISSED])}
        history = [flip for flip in flips(session) if flip.feature not in silent]
        changes = day_changes(session, [State.DISMISSED])
    for day in sorted({flip.at.date() for flip in history}):
        last = {flip.feature: flip for flip in history if flip.at.date() <= day}
        due = [flip for flip in last.values() if flip.to_verdict == "due"]
        so_far = [change for change in changes if change.day <= day]
        assert sum(change.due for change in so_far) == len(due)
        assert sum(change.waiting for change in so_far) == sum(
            flip.to_verdict in ("watch", "blocked") for flip in last.values()
        )
        saved = sum((flip.saving_after_usd_month or Decimal(0) for flip in due), Decimal(0))
        assert sum((change.saving_usd_month for change in so_far), Decimal(0)) == saved


def test_the_standing_counts_the_newest_verdicts(many: Engine) -> None:
    """Each registered feature once, by its newest verdict, with the dates that force one; the held ones in order."""
    with reading(many) as session:
        stands, newest = standing(session), latest_verdicts(session)
        held = [item.feature for item, _ in [*held_back(session, 4), *held_back(session, 100, 4)]]
    names = [item.verdict for item in newest]
    days = [item.due_by for item in newest if item.due_by and item.verdict in ("watch", "blocked")]
    assert stands.features == FEATURES
    assert stands.verdicts == {name: names.count(name) for name in set(names)}
    assert (stands.deadlines, stands.first_deadline) == (len(days), min(days, default=None))
    waiting = [item for item in newest if item.verdict in ("watch", "blocked")]
    waiting.sort(key=lambda item: (item.verdict != "blocked", -(item.saving_usd_month or 0), item.feature))
    assert held == [item.feature for item in waiting]


def test_choices_and_what_closed_lately(many: Engine) -> None:
    """Filters offer what alerts have, each once; the newest ends come first."""
    with reading(many) as session:
        found, choices = alerts(session), alert_choices(session)
        ended = closed_since(session, START, 3)
    assert choices["owner"] == sorted({alert.owner for alert in found if alert.owner})
    assert choices["state"] == sorted({alert.state for alert in found})
    times = sorted((alert.closed_at for alert in found if alert.closed_at), reverse=True)
    assert [alert.closed_at for alert in ended] == times[:3]
