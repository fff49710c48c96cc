"""In a real browser: a row is followed, a form is clicked three times, and nothing is asked of the outside."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from db.queries.alerts import alert_moves
from db.queries.price_events import price_events
from db.queries.proposals import proposals
from db.queries.verdicts import flips
from db.session import reading, transaction
from db.store.scores import record_scores
from db.store.usage import record_calls
from db.tables import FeatureRevision
from offramp.actions.alerts import list_alerts
from offramp.actions.features import list_features
from offramp.actions.price_refresh import refresh_from
from offramp.actions.prices import fill_book, resolve_names
from offramp.actions.register import register
from offramp.actions.report import build_report
from offramp.actions.review import review
from offramp.actions.usage import midnight
from offramp.clock import now
from offramp.policy import load_policy
from tests.dashboard.browsing import opened_at, serving, settled
from tests.dashboard.conftest import opened
from tests.offramp.test_review import FEATURE, evals, traffic
from tests.sinks import MailSink

pytestmark = pytest.mark.browser


def test_an_alert_is_followed_to_its_feature(
    served: str, shared_url: str, browser_page: tuple[Page, list[str]]
) -> None:
    """A click on the first row opens that feature by its slug; no request leaves the machine on the way."""
    page, outside = browser_page
    with opened(shared_url) as engine:
        first = list_alerts(engine)[0]
    opened_at(page, served)
    expect(page.locator("h1")).to_contain_text("features should move")
    table = page.get_by_test_id("stDataFrame").first
    # The grid draws on a canvas a moment after it is there, and names its cells a moment after that.
    table.get_by_test_id("glide-cell-1-0").wait_for(state="attached")
    settled(page)
    table.click(position={"x": 60, "y": 60})
    expect(page.locator("h1")).to_have_text(first.name or first.feature)
    expect(page).to_have_url(f"{served}/feature?feature={first.feature}")
    page.goto(f"{served}/sources")
    expect(page.locator("h1")).to_have_text("Sources")
    assert outside == []


def test_three_clicks_on_save_are_one_row(served: str, shared_url: str, browser_page: tuple[Page, list[str]]) -> None:
    """The button is not disabled while the page works: whatever arrives, one revision is written and judged."""
    page, _ = browser_page

    def revisions() -> int:
        with opened(shared_url) as engine, reading(engine) as session:
            return session.scalar(select(func.count()).select_from(FeatureRevision)) or 0

    before = revisions()
    opened_at(page, f"{served}/register")
    page.get_by_role("textbox", name="Slug", exact=True).fill("parcel-questions")
    page.get_by_role("textbox", name="Owner", exact=True).fill("logistics")
    page.get_by_role("button", name="Save and judge", exact=True).click(click_count=3, delay=20)
    expect(page.get_by_text("parcel-questions is registered.")).to_be_visible()
    assert revisions() == before + 1
    page.get_by_role("link", name="See the verdict of parcel-questions").click()
    expect(page.locator("h1")).to_have_text("parcel-questions")
    expect(page.get_by_text("Too early to judge parcel-questions")).to_be_visible()


def test_discovered_traffic_is_registered_while_the_verdict_follows(
    served: str, shared_url: str, browser_page: tuple[Page, list[str]]
) -> None:
    """From the link on Sources to the saved feature; each answer moves the verdict beside it, and writes nothing."""
    page, outside = browser_page
    opened_at(page, f"{served}/sources")
    page.get_by_role("link", name="store-chat").click()
    expect(page.get_by_role("textbox", name="Slug", exact=True)).to_have_value("store-chat")
    expect(page.locator("h4", has_text="Moving Store chat to code would save $")).to_be_visible()
    answers = (("Must the same input always", "no"), ("What can come in?", "open"), ("What must", "label"))
    for number, (question, answer) in enumerate(answers, start=1):
        page.get_by_role("combobox", name=question).click()
        page.get_by_role("option", name=answer, exact=True).click()
        expect(page.get_by_text(f"{number} of 22 questions answered")).to_be_visible()
    expect(page.locator("h4", has_text="Moving Store chat to code")).to_have_count(0)
    page.get_by_text("What you have", exact=True).click()
    page.get_by_role("textbox", name="How many labelled examples do you have?").fill("1200")
    page.keyboard.press("Tab")
    expect(page.get_by_text("✓ yes · Is it a choice among labels or known items? → embed")).to_be_visible()
    expect(page.get_by_text("4 of 22 questions answered")).to_be_visible()
    with opened(shared_url) as engine:
        assert not next(line for line in list_features(engine, now()) if line.slug == "store-chat").registered
    page.get_by_role("button", name="Save and judge", exact=True).click()
    expect(page.get_by_text("store-chat is registered.")).to_be_visible()
    with opened(shared_url) as engine:
        line = next(line for line in list_features(engine, now()) if line.slug == "store-chat")
    assert (line.registered, line.name, line.verdict) == (True, "Store chat", "watch")
    assert outside == []


def test_an_alert_is_seen_and_claimed_in_place(
    served: str, shared_url: str, browser_page: tuple[Page, list[str]]
) -> None:
    """A link names the feature; its form claims it, once for three clicks, and the table shows it at once."""
    page, _ = browser_page
    # What is still being drawn below moves the page away under a form that opened too early.
    opened_at(page, f"{served}/?feature=address-check")
    opens = page.get_by_role("button", name="Claim")
    # The form opens below its button, also where the window ends there; a reader scrolls.
    opens.evaluate("button => button.scrollIntoView({block: 'center'})")
    opens.click()
    body = page.get_by_test_id("stPopoverBody")
    body.get_by_role("textbox", name="Your name").fill("Ada")
    page.keyboard.press("Tab")
    expect(page.locator("[data-baseweb=calendar]")).to_have_count(0)
    body.get_by_role("button", name="Claim").click(click_count=3, delay=20)
    expect(page.get_by_text("address-check is claimed.")).to_be_visible()
    with opened(shared_url) as engine:
        (alert,) = (each for each in list_alerts(engine) if each.feature == "address-check")
        with reading(engine) as session:
            moves = [(move.move, move.by) for move in alert_moves(session, "address-check")]
    assert (alert.state, alert.decided_by) == ("claimed", "Ada")
    assert moves.count(("claim", "Ada")) == 1


def test_the_report_is_read_and_sent_as_a_test(
    served: str, shared_url: str, postbox: MailSink, browser_page: tuple[Page, list[str]]
) -> None:
    """The mail of the week is on the page; a test of it arrives in a mailbox, marked as one."""
    page, outside = browser_page
    with opened(shared_url) as engine:
        letter = build_report(engine, "2026-W46", now())
    opened_at(page, f"{served}/report?week=2026-W46")
    mail = page.get_by_title("The letter of 2026-W46").content_frame
    expect(mail.locator("h1")).to_contain_text(letter.headline)
    page.get_by_role("textbox", name="Send one as a test to").fill("leads")
    page.get_by_role("button", name="Send a test").click()
    expect(page.get_by_text("Test to leads:")).to_be_visible()
    assert [(mail["To"], str(mail["Subject"])[:6]) for mail in postbox.taken] == [("ana@example.org", "[Test]")]
    assert outside == []


@pytest.fixture
def paying_company(sqlite_url: str) -> str:
    """Three million calls a month on gpt-5.6-luna up to today, which a tenfold price would make due."""
    today = midnight(now().date())
    with opened(sqlite_url) as engine:
        fill_book(engine, now())
        register(engine, [FEATURE], at=now(), by="test")
        with transaction(engine) as session:
            shift = today - timedelta(hours=12) - max(call.at for call in traffic())
            record_calls(session, [call._replace(at=call.at + shift) for call in traffic()], now())
            record_scores(session, [replace(score, at=today - timedelta(days=20)) for score in evals()])
        resolve_names(engine, now())
        review(engine, load_policy(), as_of=today, now=now())
        rows = f"model,input,output,valid_from\nopenai/gpt-5.6-luna,2,12,{(today - timedelta(days=4)).date()}\n"
        refresh_from(engine, rows.encode(), "list.csv", at=now())
    return sqlite_url


@pytest.fixture
def served_company(paying_company: str) -> Iterator[str]:
    """The address of the dashboard on that company."""
    with serving(paying_company) as address:
        yield address


def test_a_quarantined_price_is_confirmed_and_flips_a_verdict(
    paying_company: str, served_company: str, browser_page: tuple[Page, list[str]]
) -> None:
    """Three clicks on the yes are one decision by its person; the page tells the flip, and the feature's page too."""
    page, outside = browser_page
    opened_at(page, f"{served_company}/prices")
    expect(page.get_by_text("A yes would flip 1 verdict;")).to_be_visible()
    page.get_by_role("textbox", name="Who decides", exact=True).fill("Ada")
    page.get_by_role("textbox", name="Why", exact=True).fill("seen on the vendor's page")
    page.get_by_role("button", name="Accept", exact=True).click(click_count=3, delay=20)
    expect(page.get_by_text("Nothing waits.")).to_be_visible()
    # The book learnt it today: it is watched until it has held for as long as a price must.
    told = page.get_by_test_id("stAlertContentSuccess")
    expect(told.get_by_text("review-summary: stay → watch to distill")).to_be_visible()
    with opened(paying_company) as engine, reading(engine) as session:
        decided = [(each.status, each.decided_by, each.decided_why) for each in proposals(session)]
        moved = flips(session, slug="review-summary")
        (event,) = price_events(session, kinds=["price_changed"])
    assert decided == [("accepted", "Ada", "seen on the vendor's page")] * 2
    assert [(flip.to_verdict, flip.cause, flip.event_id) for flip in moved] == [
        ("stay", "first", None),
        ("watch", "price_change", event.id),
    ]
    page.goto(f"{served_company}/feature?feature=review-summary")
    expect(page.get_by_text("input rose from $0.20 to $2.00 per Mtok").first).to_be_visible()
    assert outside == []


def test_what_is_wrong_is_cured_where_it_is_shown(demo_url: str, browser_page: tuple[Page, list[str]]) -> None:
    """On Sources an unknown model gets its price, and the doctor looks at the rest."""
    page, outside = browser_page
    with opened(demo_url) as engine, transaction(engine) as session:
        loose = traffic(1)[0]._replace(key=b"x" * 16, at=now() - timedelta(days=1), feature=None, model="house-model")
        record_calls(session, [loose], now())
    # A server of its own: what another test looked at is kept for a while.
    with serving(demo_url) as served:
        # What is drawn while a list is open closes it.
        opened_at(page, f"{served}/sources")
        page.get_by_text("Set a price").click()
        model = page.get_by_role("combobox", name="Model").first
        model.fill("house-model")
        model.press("Enter")
        page.get_by_role("textbox", name="Input, $ per million tokens").fill("0.20")
        page.get_by_role("textbox", name="Output, $ per million tokens").fill("0.80")
        page.get_by_role("button", name="Set the price", exact=True).click()
        expect(page.get_by_text("house-model has a price from")).to_be_visible()
        page.get_by_role("button", name="Examine").click()
        expect(page.get_by_text("found nothing amiss")).to_be_visible()
    assert outside == []
