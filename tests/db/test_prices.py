"""The price book appends, answers for two times, and never forgets what it once said."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from db.queries.prices import (
    FILLED_BY,
    book_age,
    book_models,
    known_names,
    price_changes,
    price_lines,
    price_lines_with_news,
    prices_at,
    retirements_of,
    unsettled_names,
    used_models,
)
from db.session import Engine, reading, transaction
from db.store.prices import append_prices, record_retirements, remember_names
from db.store.usage import record_calls
from db.tables import PriceRow
from strategy.facts import Call, Price, Retirement
from strategy.kinds import PriceKind

MAY, JUNE, JULY = (datetime(2026, month, 1, tzinfo=UTC) for month in (5, 6, 7))
AUGUST = datetime(2026, 8, 1, 16, tzinfo=UTC)


def _price(
    usd: str,
    valid_from: datetime,
    *,
    kind: PriceKind = PriceKind.INPUT,
    valid_to: datetime | None = None,
    tier: int = 0,
    processing: str = "standard",
) -> Price:
    return Price(
        model="acme/one",
        kind=kind,
        usd_per_mtok=Decimal(usd),
        valid_from=valid_from,
        valid_to=valid_to,
        tier_min_input_tokens=tier,
        processing=processing,
        source="a page",
    )


def _append(engine: Engine, at: datetime, *prices: Price) -> int:
    with transaction(engine) as session:
        return append_prices(
            session, prices, recorded_at=at, recorded_by="someone", source_version="page 1", reason="a test"
        )


def _said(engine: Engine, known_by: datetime | None = None, at: datetime | None = None) -> list[tuple[str, str, str]]:
    with reading(engine) as session:
        return [
            (str(line.usd_per_mtok), line.valid_from.date().isoformat(), str(line.valid_to and line.valid_to.date()))
            for line in price_lines(session, ["acme/one"], known_by, at=at)
        ]


def test_a_line_ends_where_the_next_begins(engine: Engine) -> None:
    """Ends are not stored: the next line of the same kind, tier and processing says them."""
    assert _append(engine, MAY, _price("1", MAY), _price("0.2", AUGUST)) == 2
    with reading(engine) as session:
        lines = price_lines(session, ["acme/one"])
    assert [(line.usd_per_mtok, line.valid_from, line.valid_to) for line in lines] == [
        (Decimal(1), MAY, AUGUST),
        (Decimal("0.2"), AUGUST, None),
    ]


def test_lines_of_other_tiers_and_kinds_do_not_end_each_other(engine: Engine) -> None:
    """Each size tier, kind and processing has a history of its own."""
    _append(
        engine,
        MAY,
        _price("1", MAY),
        _price("2", JUNE, tier=200_000),
        _price("0.5", JUNE, processing="batch"),
        _price("6", JUNE, kind=PriceKind.OUTPUT),
    )
    with reading(engine) as session:
        assert [line.valid_to for line in price_lines(session, ["acme/one"])] == [None] * 4


def test_writing_again_adds_nothing(engine: Engine) -> None:
    """The same lines, recorded later, are not written twice."""
    assert _append(engine, MAY, _price("1", MAY), _price("2", JUNE)) == 2
    assert _append(engine, JUNE, _price("1", MAY), _price("2.0", JUNE)) == 0
    with reading(engine) as session:
        assert book_age(session) == MAY


def test_a_correction_supersedes_and_the_old_answer_can_still_be_asked_for(engine: Engine) -> None:
    """The same start with another amount is a correction: both stand, each for its time of knowing."""
    _append(engine, MAY, _price("33", MAY))
    assert _append(engine, JUNE, _price("3.3", MAY)) == 1
    assert _said(engine) == [("3.3", "2026-05-01", "None")]
    assert _said(engine, known_by=MAY) == [("33", "2026-05-01", "None")]
    with reading(engine) as session:
        rows = session.query(PriceRow).order_by(PriceRow.id).all()
        assert [(row.usd_per_mtok, row.supersedes_id) for row in rows] == [
            (Decimal(33), None),
            (Decimal("3.3"), rows[0].id),
        ]


def test_an_announced_price_changes_nothing_before_it_is_known(engine: Engine) -> None:
    """As known in May the price is open; in June the rise of August is announced."""
    _append(engine, MAY, _price("1", MAY))
    _append(engine, JUNE, _price("2", AUGUST))
    assert _said(engine, known_by=MAY) == [("1", "2026-05-01", "None")]
    assert _said(engine, known_by=JUNE) == [("1", "2026-05-01", "2026-08-01"), ("2", "2026-08-01", "None")]
    with reading(engine) as session:
        statuses = session.query(PriceRow.status).order_by(PriceRow.id).all()
    assert [status for (status,) in statuses] == ["active", "scheduled"]


def test_history_written_down_late_counts_but_the_future_does_not(engine: Engine) -> None:
    """A book filled in July still prices May; what it learnt in July about August is not known in June."""
    _append(engine, JULY, _price("1", MAY), _price("2", AUGUST))
    assert _said(engine, known_by=JUNE) == []
    assert _said(engine, known_by=JUNE, at=JUNE) == [("1", "2026-05-01", "None")]


def test_a_cancelled_line_leaves_no_trace(engine: Engine) -> None:
    """A scheduled rise taken back by a later row is gone from what is known now, and kept as it was known then."""
    _append(engine, MAY, _price("2", MAY), _price("3", AUGUST))
    with transaction(engine) as session:
        rise = session.query(PriceRow).filter(PriceRow.valid_from == AUGUST).one()
        columns = {column.key: getattr(rise, column.key) for column in PriceRow.__table__.columns if column.key != "id"}
        cancelled = columns | {"recorded_at": JUNE, "status": "cancelled", "supersedes_id": rise.id}
        wild = columns | {"usd_per_mtok": Decimal(99), "recorded_at": JULY, "status": "quarantined"}
        session.add_all([PriceRow(**cancelled), PriceRow(**wild)])
    assert _said(engine) == [("2", "2026-05-01", "None")]
    assert _said(engine, known_by=MAY) == [("2", "2026-05-01", "2026-08-01"), ("3", "2026-08-01", "None")]


def test_the_price_at_an_instant(engine: Engine) -> None:
    """The instant of a change has the new price, the hour before it the old one; an unknown model has none."""
    _append(engine, MAY, _price("1", MAY), _price("0.2", AUGUST))
    with reading(engine) as session:
        before = prices_at(session, "acme/one", AUGUST.replace(hour=15))
        after = prices_at(session, "acme/one", AUGUST)
        assert [line.price.usd_per_mtok for line in before] == [Decimal(1)]
        assert [(line.price.usd_per_mtok, line.recorded_at, line.reason) for line in after] == [
            (Decimal("0.2"), MAY, "a test")
        ]
        assert prices_at(session, "acme/one", datetime(2026, 4, 30, tzinfo=UTC)) == ()
        assert prices_at(session, "acme/unheard-of", AUGUST) == ()
        assert book_models(session) == ["acme/one"]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (_price("1", MAY.replace(minute=30)), "is not a whole hour"),
        (_price("1", JUNE, valid_to=MAY), "ends before it starts"),
        (_price("-1", MAY), "is negative"),
    ],
)
def test_a_line_that_cannot_be_true_is_refused(engine: Engine, line: Price, sentence: str) -> None:
    """The error names the model, the kind and the start, and nothing is written."""
    with pytest.raises(ValueError, match=sentence) as caught:
        _append(engine, MAY, _price("1", MAY), line)
    assert "the input price of acme/one from 2026-0" in str(caught.value)
    assert _said(engine) == []


def test_one_line_given_twice_with_two_amounts_is_refused(engine: Engine) -> None:
    """Which of the two is right is not for the book to guess."""
    with pytest.raises(ValueError, match="given twice"):
        _append(engine, MAY, _price("1", MAY), _price("2", MAY))


def test_retirements_are_kept_and_the_newest_speaks(engine: Engine) -> None:
    """An end that is moved is a new row; as known before, the old day stands."""
    with transaction(engine) as session:
        first = Retirement(model="acme/one", on=date(2026, 9, 1), replacement="acme/two", source="a page")
        assert record_retirements(session, [first], MAY) == 1
        assert record_retirements(session, [first], JUNE) == 0
        moved = Retirement(model="acme/one", on=date(2026, 12, 1), source="a page")
        assert record_retirements(session, [moved], JUNE) == 1
    with reading(engine) as session:
        assert retirements_of(session, ["acme/one", "acme/two"]) == (moved,)
        assert retirements_of(session, ["acme/one"], known_by=MAY) == (first,)
        assert retirements_of(session, ["acme/one"], known_by=datetime(2026, 4, 1, tzinfo=UTC)) == ()


def _call(key: int, provider: str, model: str) -> Call:
    return Call(
        key=key.to_bytes(16, "big"),
        at=JUNE,
        feature="triage",
        provider=provider,
        model=model,
        source="t",
        input_tokens=9,
    )


def test_names_are_remembered_and_only_unknown_ones_are_asked_again(engine: Engine) -> None:
    """A meaning once found stays; an unknown name is unsettled again when the book grows."""
    with transaction(engine) as session:
        record_calls(session, [_call(1, "acme", "one"), _call(2, "acme", "new"), _call(3, "acme", "one")], JUNE)
        assert unsettled_names(session) == [("acme", "new"), ("acme", "one")]
        remember_names(session, {("acme", "one"): "acme/one", ("acme", "new"): None}, JUNE)
        assert unsettled_names(session) == []
    _append(engine, JULY, _price("1", MAY))
    with transaction(engine) as session:
        assert unsettled_names(session) == [("acme", "new")]
        remember_names(session, {("acme", "one"): "acme/other", ("acme", "new"): "acme/new"}, JULY)
        pairs = [("acme", "one"), ("acme", "new"), ("acme", "never")]
        assert known_names(session, pairs) == {("acme", "one"): "acme/one", ("acme", "new"): "acme/new"}
        assert used_models(session) == ["acme/new", "acme/one"]
        remember_names(session, {}, JULY)


def test_changes_of_models_in_use(engine: Engine) -> None:
    """The week's changes are base prices that moved, of models that traffic uses; each once, with old and new."""
    _append(
        engine,
        MAY,
        _price("1", MAY),
        _price("0.2", AUGUST),
        _price("2", MAY, tier=200_000),
        _price("0.4", AUGUST, tier=200_000),
        _price("6", MAY, kind=PriceKind.OUTPUT),
        _price("1.2", AUGUST, kind=PriceKind.OUTPUT),
    )
    with reading(engine) as session:
        assert price_changes(session, JULY, datetime(2026, 9, 1, tzinfo=UTC)) == ()
    with transaction(engine) as session:
        remember_names(session, {("acme", "one"): "acme/one"}, MAY)
    with reading(engine) as session:
        found = price_changes(session, AUGUST, datetime(2026, 9, 1, tzinfo=UTC))
        assert [(change.kind, change.old, change.new, change.valid_from) for change in found] == [
            (PriceKind.INPUT, Decimal(1), Decimal("0.2"), AUGUST),
            (PriceKind.OUTPUT, Decimal(6), Decimal("1.2"), AUGUST),
        ]
        assert price_changes(session, JUNE, AUGUST) == ()


def _news(engine: Engine, *, known_by: datetime, since: datetime) -> list[tuple[datetime, list[tuple[str, datetime]]]]:
    with reading(engine) as session:
        lines, former = price_lines_with_news(session, ["acme/one"], known_by=known_by, at=known_by, since=since)
        assert lines == price_lines(session, ["acme/one"], known_by, at=known_by)
    return [(was.until, [(str(line.usd_per_mtok), line.valid_from) for line in was.lines]) for was in former]


def test_what_the_book_said_before_its_news_is_told_with_them(engine: Engine) -> None:
    """A price that came back-dated in June and was mended in July: one entry for each, while each is news."""
    wrong, mended = JUNE + timedelta(hours=5), JUNE + timedelta(days=2)
    _append(engine, MAY, _price("1", MAY))
    _append(engine, wrong, _price("5", MAY))
    _append(engine, mended, _price("1", MAY))
    before, between = [("1", MAY)], [("5", MAY)]
    assert _news(engine, known_by=mended, since=MAY) == [(wrong, before), (mended, between)]
    assert _news(engine, known_by=mended, since=wrong) == [(mended, between)]
    assert _news(engine, known_by=mended - timedelta(seconds=1), since=MAY) == [(wrong, before)]
    assert _news(engine, known_by=JULY, since=mended) == []


def test_what_the_book_was_filled_with_and_what_counts_though_learnt_later_is_no_news(engine: Engine) -> None:
    """A first filling is known of old, and so is a price that had begun by the day and was written down after it."""
    with transaction(engine) as session:
        append_prices(
            session, [_price("1", MAY)], recorded_at=JUNE, recorded_by=FILLED_BY, source_version="1", reason="filled"
        )
    assert _news(engine, known_by=JUNE, since=MAY) == []
    _append(engine, AUGUST, _price("2", JUNE))
    assert _news(engine, known_by=JULY, since=MAY) == []
    assert _said(engine, known_by=JULY, at=JULY)[-1][0] == "2"
    assert _news(engine, known_by=AUGUST, since=JULY) == [(AUGUST, [("1", MAY)])]
    _append(engine, AUGUST + timedelta(days=1), _price("9", MAY, kind=PriceKind.OUTPUT))
    assert _news(engine, known_by=AUGUST + timedelta(days=1), since=AUGUST)[0][1] == [("1", MAY), ("2", JUNE)]
