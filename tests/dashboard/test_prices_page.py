"""The Prices page tells what an action tells, takes a yes and a no once, and keeps empty, stale and failed apart."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import delete

from dashboard import loads, price_writing
from dashboard.price_writing import ACCEPTED, decide_once
from db.queries.prices import prices_at
from db.queries.proposals import proposals
from db.session import Engine, reading, transaction
from db.store.runs import RunCounts, record_run
from db.tables import PriceProposal
from offramp.actions import price_overview
from offramp.actions.price_effect import what_if
from offramp.actions.price_events import reach
from offramp.actions.price_refresh import refresh_from
from offramp.actions.prices import fill_book
from offramp.actions.usage import midnight
from offramp.policy import load_policy
from strategy.prices import BOOK_OLD_AFTER
from tests.dashboard.conftest import OpenPage, opened, seen

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
LUNA, GONE = "openai/gpt-5.6-luna", "openai/gpt-4o-mini"


@pytest.fixture(autouse=True)
def _clock_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hour after the demo company was built, whenever the test runs."""
    for module in (loads, price_writing):
        monkeypatch.setattr(module, "now", lambda: NOW)


@pytest.fixture
def demo_url(demo_url: str) -> str:
    """The demo without the price list that it came with: what waits here is what a test proposes."""
    with opened(demo_url) as engine, transaction(engine) as session:
        session.execute(delete(PriceProposal))
    return demo_url


def _refresh(engine: Engine, *rows: str) -> None:
    text = "\n".join(("model,input,output,valid_from", *rows, ""))
    refresh_from(engine, text.encode(), "list.csv", at=NOW)


def _tenfold(engine: Engine) -> None:
    _refresh(engine, f"{LUNA},2,12,2026-11-20")


def test_a_proposal_is_shown_with_its_effect(demo_url: str, open_page: OpenPage) -> None:
    """The card says what moves, why it asks, and which verdict and how much money a yes would move."""
    with opened(demo_url) as engine:
        _tenfold(engine)
        supposed = what_if(engine, load_policy(), {LUNA: "2:12"}, as_of=midnight(NOW.date())).document()
        with reading(engine) as session:
            touched = reach(session, load_policy(), NOW).touched("raised", LUNA)
    text = seen(open_page(demo_url, "prices"))
    assert "1 price waits for your yes or no" in text
    assert "- Input: $0.20 → $2.00 per Mtok\n- Output: $1.20 → $12.00 per Mtok" in text
    assert "$2.00 is 10.0 times the $0.20 before: more than 8 times is taken for an error" in text
    assert "**A yes would flip 1 verdict;**" in text
    assert "- listing-translation: stay → due to distill · own" in text
    costs = [row["now_usd_month"] for row in supposed["features"] if row["feature"] in touched]
    assert 0 < len(touched) < len(supposed["features"])
    now_usd = f"${sum(Decimal(cost) for cost in costs if cost is not None):,.2f}"
    assert "the features that use or could use it would cost $" in text
    assert f"a month, now {now_usd}." in text
    assert "of the past by $" in text


def test_a_price_of_very_many_features_is_not_judged_on_the_page(
    demo_url: str, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The card says how many it touches, and takes a yes and a no as any other."""
    monkeypatch.setattr(price_overview, "MOST_JUDGED", 0)
    with opened(demo_url) as engine:
        _tenfold(engine)
        with reading(engine) as session:
            touched = reach(session, load_policy(), NOW).touched("raised", LUNA)
    page = open_page(demo_url, "prices")
    assert f"**{len(touched)} features use or could use it:** too many to judge on a page." in seen(page)
    assert "A yes would flip" not in seen(page)
    assert {"Accept", "Refuse"} <= {button.label for button in page.button}


def test_a_yes_names_who_and_why_and_a_second_one_changes_nothing(demo_url: str, open_page: OpenPage) -> None:
    """Accepting writes the lines with their person, flips the verdict, and pressing again is harmless."""
    with opened(demo_url) as engine:
        _tenfold(engine)
        page = open_page(demo_url, "prices")
        (accept,) = [button for button in page.button if button.label == "Accept"]
        accept.click().run()
        assert "Say who decides" in page.error[0].value
        page.text_input(key="proposal-1.by").set_value("Ada")
        page.text_input(key="proposal-1.why").set_value("seen on the vendor's page")
        (accept,) = [button for button in page.button if button.label == "Accept"]
        accept.click().run()
        told = page.success[0].value.replace("\\", "")
        assert f"**{LUNA}: accepted** by Ada." in told
        # A price has to hold before it opens an alert: the yes is on the way to what its effect promised.
        assert "listing-translation: stay → watch to distill · own ($2,4" in told
        with reading(engine) as session:
            lines = prices_at(session, LUNA, NOW)
            kept = proposals(session)
            assert {str(line.price.usd_per_mtok) for line in lines if line.recorded_by == "Ada"} == {"2", "12"}
            assert {line.reason for line in lines if line.recorded_by == "Ada"} == {
                "back dated, accepted: seen on the vendor's page"
            }
        assert {(each.status, each.decided_by, each.decided_why) for each in kept} == {
            ("accepted", "Ada", "seen on the vendor's page")
        }
        decided = next(item.value for item in page.dataframe if "Decision" in item.value)
        assert list(decided["Who"]) == ["Ada", "Ada"]
        again = decide_once(demo_url, [each.id for each in kept], ACCEPTED, by="Eve", why="")
        assert (again.by, [flip.feature for flip in again.flipped], again.problem) == (
            "Ada",
            ["listing-translation"],
            None,
        )
        with reading(engine) as session:
            assert prices_at(session, LUNA, NOW) == lines
            assert proposals(session) == kept
        refused = decide_once(demo_url, [each.id for each in kept], "rejected", by="Eve", why="")
        assert refused.problem == "proposal 1 was accepted before"


def test_a_no_leaves_the_book_as_it_is(demo_url: str, open_page: OpenPage) -> None:
    """Refusing is remembered with its person; no price and no verdict moves."""
    with opened(demo_url) as engine:
        with reading(engine) as session:
            before = prices_at(session, LUNA, NOW)
        _tenfold(engine)
        page = open_page(demo_url, "prices")
        page.text_input(key="proposal-1.by").set_value("Ada")
        (refuse,) = [button for button in page.button if button.label == "Refuse"]
        refuse.click().run()
        assert f"**{LUNA}: rejected** by Ada." in page.success[0].value.replace("\\", "")
        assert "Nothing waits." in seen(page)
        with reading(engine) as session:
            assert prices_at(session, LUNA, NOW) == before
            assert {(each.status, each.decided_by) for each in proposals(session)} == {("rejected", "Ada")}


def test_what_if_says_what_the_command_says_and_saves_nothing(demo_url: str, open_page: OpenPage) -> None:
    """The form's price goes into the URL; the sentence has the command's flips and totals."""
    page = open_page(demo_url, "prices")
    page.selectbox(key="what-if.model").set_value(LUNA)
    page.text_input(key="what-if.input").set_value("1")
    page.text_input(key="what-if.output").set_value("6")
    (ask,) = [button for button in page.button if button.label == "What would flip?"]
    ask.click().run()
    assert page.query_params == {"what_if": f"{LUNA}=1:6"}
    with opened(demo_url) as engine:
        told = what_if(engine, load_policy(), {LUNA: "1:6"}, as_of=midnight(NOW.date())).document()
        with reading(engine) as session:
            assert {str(line.price.usd_per_mtok) for line in prices_at(session, LUNA, NOW)} >= {"0.2", "1.2"}
    now_usd, then_usd = (f"${float(told[name]):,.2f}" for name in ("now_usd_month", "then_usd_month"))
    assert f"1 verdict would flip; all features would cost {then_usd} a month, now {now_usd}." in seen(page)
    table = next(item.value for item in page.dataframe if "Verdict then" in item.value)
    assert [(row["Feature"], row["Verdict then"]) for _, row in table.iterrows()] == [
        ("listing-translation", "due to distill · own")
    ]
    wrong = seen(open_page(demo_url, "prices", what_if="nobody/nothing=1"))
    assert "That cannot be supposed." in wrong
    assert "no model 'nobody/nothing' in the book" in wrong


def test_what_happened_and_what_comes_with_the_verdicts_they_moved(demo_url: str, open_page: OpenPage) -> None:
    """The cut of luna stands beside the alert it closed and whom it could serve; gpt-4o-mini's end stands ahead."""
    page = open_page(demo_url, "prices")
    news = next(item.value for item in page.dataframe if "Verdicts moved" in item.value)
    (cut,) = [row for _, row in news.iterrows() if row["Detail"].startswith(f"{LUNA} input moved from $1.00 to $0.20")]
    assert cut["Features"] == "listing-translation, size-advisor, ticket-triage"
    assert cut["Verdicts moved"].startswith("listing-translation: due to distill · own → stay ($11,3")
    coming = next(item.value for item in page.dataframe if "In" in item.value)
    assert [(row["When"], row["What"]) for _, row in coming.iterrows() if row["Model"] == GONE] == [
        ("14 Jan 2027", "stops answering; its vendor names openai/gpt-6-luna")
    ]


@pytest.mark.parametrize(
    ("days", "failing", "state", "words"),
    [
        (1, False, "fresh", ""),
        (BOOK_OLD_AFTER.days + 1, False, "stale", "Prices were not read for more than 30 days"),
        (1, True, "failed", "The last refresh of the price book failed"),
    ],
)
def test_fresh_stale_and_failed_are_three_things(
    sqlite_url: str,
    open_page: OpenPage,
    days: int,
    failing: bool,  # noqa: FBT001 (a row of the table above)
    state: str,
    words: str,
) -> None:
    """A book that was read today, one that was not read for long, one whose refresh came to nothing."""
    with opened(sqlite_url) as engine:
        fill_book(engine, NOW - timedelta(days=days))
        if failing:
            with transaction(engine) as session:
                record_run(
                    session,
                    "price list",
                    started_at=NOW,
                    finished_at=NOW,
                    outcome="failed",
                    counts=RunCounts(),
                    message="prices.example answered 500",
                )
    page = open_page(sqlite_url, "prices")
    assert {metric.label: metric.value for metric in page.metric}["Price book"] == state
    assert (len(page.warning), len(page.error)) == (int(state == "stale"), int(state == "failed"))
    assert words in seen(page)
    if failing:
        assert "prices.example answered 500" in page.error[0].value.replace("\\", "")


def test_an_empty_book_says_how_to_fill_it(sqlite_url: str, open_page: OpenPage) -> None:
    """Nothing was read yet: no fault, and no figure."""
    page = open_page(sqlite_url, "prices")
    assert "The price book is empty." in seen(page)
    assert not page.metric
    assert not page.error
