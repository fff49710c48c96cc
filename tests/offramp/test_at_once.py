"""Two writers at the same moment, on both databases: the second waits for the first and works on what it left."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal
from threading import Barrier

import pytest
from sqlalchemy import func, select

from db.queries.proposals import proposals
from db.session import Engine, Session, reading, transaction
from db.store.bills import BillSums, record_bills
from db.store.prices import append_prices
from db.tables import BilledRow, PriceRow
from offramp.actions.failure import BadInput
from offramp.actions.price_decisions import accept, reject
from offramp.actions.price_refresh import refresh_from
from offramp.actions.prices import fill_book
from strategy.facts import Billed, Price
from strategy.kinds import PriceKind

_NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def _bill(session: Session) -> int:
    sums = BillSums()
    sums.add([Billed(slot="pull:one", provider="openai", day=date(2026, 11, 21), amount_usd=Decimal(3))])
    return record_bills(session, sums, _NOW).accepted


def _price(session: Session) -> int:
    line = Price(model="acme/one", kind=PriceKind.INPUT, usd_per_mtok=Decimal(2), valid_from=_NOW)
    return append_prices(session, [line], recorded_at=_NOW, recorded_by="me", source_version="1", reason="a test")


@pytest.mark.parametrize(("write", "table", "again"), [(_bill, BilledRow, 0), (_price, PriceRow, 0)])
def test_what_is_written_twice_at_once_stands_once(
    engine: Engine, write: Callable[[Session], object], table: type, again: object
) -> None:
    """The second writer waits until the first has committed, and finds nothing new to write."""

    def second() -> object:
        with transaction(engine) as session:
            return write(session)

    with ThreadPoolExecutor(1) as pool:
        with transaction(engine) as session:
            write(session)
            waiting = pool.submit(second)
            with pytest.raises(TimeoutError):
                waiting.result(timeout=0.3)
        assert waiting.result() == again
    with reading(engine) as session:
        assert session.scalar(select(func.count()).select_from(table)) == 1


def _at_once(*works: Callable[[], object]) -> list[BaseException | None]:
    """What each of these raised."""
    start = Barrier(len(works))

    def run(work: Callable[[], object]) -> None:
        start.wait()
        work()

    with ThreadPoolExecutor(len(works)) as pool:
        return [each.exception() for each in [pool.submit(run, work) for work in works]]


def test_a_book_that_two_fill_at_once_is_filled_once(engine: Engine) -> None:
    """As when every process of a new installation starts at the same time."""
    assert _at_once(*[lambda: fill_book(engine, _NOW)] * 3) == [None] * 3
    with reading(engine) as session:
        written = session.scalar(select(func.count()).select_from(PriceRow))
        lines = select(PriceRow.model, PriceRow.kind, PriceRow.tier_min_input_tokens, PriceRow.processing)
        places = lines.add_columns(PriceRow.valid_from, PriceRow.usd_per_mtok, PriceRow.valid_to).distinct()
        assert written == session.scalar(select(func.count()).select_from(places.subquery()))


def test_a_proposal_is_decided_by_one_of_two(engine: Engine) -> None:
    """Who is later is told that it was decided, and the book follows who was first."""
    fill_book(engine, _NOW)
    lists = "model,input,output,valid_from\nopenai/gpt-5.6-luna,0.3,1.2,\n"
    (found,) = refresh_from(engine, lists.encode(), "prices.csv", at=_NOW).proposals
    with reading(engine) as session:
        before = session.scalar(select(func.count()).select_from(PriceRow))
    yes, no = _at_once(
        lambda: accept(engine, [found.id], by="ada", at=_NOW), lambda: reject(engine, [found.id], by="bo", at=_NOW)
    )
    with reading(engine) as session:
        (decided,) = proposals(session, ids=[found.id])
        after = session.scalar(select(func.count()).select_from(PriceRow))
    assert sorted(map(type, (yes, no)), key=str) == sorted((type(None), BadInput), key=str)
    assert decided.status == ("accepted" if yes is None else "rejected")
    assert (after != before) is (yes is None)
