"""A price list is proposed, never obeyed: the wild is quarantined, the doubtful asks, the dated is taken."""

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from db.queries.prices import price_lines, retirements_of
from db.queries.proposals import import_content, proposals
from db.session import Engine, make_engine, reading
from db.tables import PriceRow
from offramp.actions.failure import BadInput
from offramp.actions.price_decisions import accept, proposal_document, reject
from offramp.actions.price_refresh import Refreshed, refresh_from, refresh_installed, waiting_now
from offramp.actions.prices import fill_book, prices_of

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
LATER = NOW + timedelta(days=3)
LUNA, SONNET, PRO = "openai/gpt-5.6-luna", "anthropic/claude-sonnet-4-5", "google/gemini-2.5-pro"


@pytest.fixture(scope="module")
def template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A filled book, made once."""
    path = tmp_path_factory.mktemp("refresh") / "offramp.db"
    shutil.copy(sqlite_template, path)
    engine = make_engine(f"sqlite:///{path}")
    fill_book(engine, NOW)
    engine.dispose()
    return path


@pytest.fixture
def book(template: Path, tmp_path: Path) -> Iterator[Engine]:
    """A filled book of this test's own."""
    shutil.copy(template, tmp_path / "offramp.db")
    engine = make_engine(f"sqlite:///{tmp_path / 'offramp.db'}")
    yield engine
    engine.dispose()


def _csv(book: Engine, *rows: str, at: datetime = LATER) -> Refreshed:
    text = "\n".join(("model,input,output,valid_from", *rows, ""))
    return refresh_from(book, text.encode(), "prices.csv", at=at)


def _told(done: Refreshed) -> list[tuple[str, str, str, str]]:
    return [(found.model, found.kind.value, found.change, found.status) for found in done.proposals]


def _input(book: Engine, model: str, at: datetime, as_of: datetime | None = None) -> list[str]:
    prices = prices_of(book, model, at, as_of)["prices"]
    return [line["usd_per_mtok"] for line in prices if (line["kind"], line["tier_min_input_tokens"]) == ("input", 0)]


def test_the_package_that_filled_the_book_proposes_nothing(book: Engine) -> None:
    """Reading what was read is no news, however often."""
    for hours in (1, 2):
        done = refresh_installed(book, at=NOW + timedelta(hours=hours))
        assert (done.proposals, done.waiting, done.needs_a_person) == ((), 0, False)


def test_the_typo_of_33_dollars_moves_nothing(book: Engine) -> None:
    """claude-sonnet-4-5 stood at $33 for four days: quarantined, the book stays; once taken back, nothing waits."""
    wrong = _csv(book, f"{SONNET},33,15,")
    assert _told(wrong) == [(SONNET, "input", "changed", "quarantined")]
    assert "11.0 times the $3.00 before" in wrong.proposals[0].why
    assert wrong.needs_a_person
    assert _input(book, SONNET, LATER + timedelta(days=1)) == ["3.00"]
    assert accept(book, None, by="t", at=LATER) == []
    again = _csv(book, f"{SONNET},33,15,", at=LATER + timedelta(days=1))
    assert (again.proposals, again.waiting) == ((), 1)
    right = _csv(book, f"{SONNET},3,15,", at=LATER + timedelta(days=4))
    assert (right.proposals, right.withdrawn, right.waiting) == ((), 1, 0)
    assert _input(book, SONNET, LATER + timedelta(days=5)) == ["3.00"]


@pytest.mark.parametrize(
    ("row", "status", "why"),
    [
        (f"{LUNA},200,1200,", "quarantined", "1000.0 times"),
        (f"{LUNA},0.0002,0.0012,", "quarantined", "1000.0 times"),
        ("wandb/some-model,15000,15000,", "quarantined", "dearer than anything sold"),
        (f"{LUNA},1.2,0.2,2026-11-26", "open", "input and output look swapped"),
        (f"{LUNA},0,1.2,2026-11-26", "open", "a price of zero"),
        (f"{LUNA},0.7,1.2,2026-11-26", "open", "3.5 times"),
        (f"{LUNA},0.05,1.2,2026-11-26", "open", "4.0 times"),
        (f"{LUNA},0.3,1.2,", "open", "noticed when it was read"),
        ("mistral/mistral-large-4,1.36,4.18,2026-12-01", "open", "takes back a change of the last 45 days"),
        ("azure/some-new-model,2,1,2026-11-26", "open", "input and output look swapped"),
        (f"{LUNA},0.3,1.2,2026-08-01", "open", "corrects a time whose costs were told"),
        (f"{LUNA},0.3,1.2,2026-11-26", "accepted", "dated by its source"),
    ],
)
def test_what_the_guards_say(book: Engine, row: str, status: str, why: str) -> None:
    """Slips and typos are quarantined; swaps, zeros, large moves, reverts and undated news ask; the rest is taken."""
    done = _csv(book, row)
    assert {found.status for found in done.proposals} == {status}
    assert all(why in found.why for found in done.proposals)


def test_a_namesake_at_a_host_is_held_against_its_maker(book: Engine) -> None:
    """A first price at a host that is ten times the maker's is a slip, not news."""
    done = _csv(book, "novita/gpt-5.6-luna,2,12,2026-11-26")
    assert {found.status for found in done.proposals} == {"quarantined"}
    assert "what openai/gpt-5.6-luna costs" in done.proposals[0].why


def test_many_models_at_once_ask_a_person(book: Engine) -> None:
    """A provider whose whole list moves is a broken list until somebody says no."""
    with reading(book) as session:
        lines = price_lines(session, [f"x-ai/{name}" for name in ("grok-3", "grok-3-mini", "grok-4.3", "grok-4.5")])
    models = sorted({line.model for line in lines} | {f"x-ai/grok-4.{n}" for n in (6, 7)} | {"x-ai/grok-4-0709"})
    amounts = {model: prices_of(book, model, NOW)["prices"][0]["usd_per_mtok"] for model in models}
    rows = [f"{model},{Decimal(usd) * Decimal('1.1')},,2026-11-26" for model, usd in amounts.items()]
    done = _csv(book, *rows)
    assert {found.status for found in done.proposals} == {"open"}
    assert "models of x-ai move at once" in done.proposals[0].why


def test_a_dated_cut_is_scheduled_and_then_in_force(book: Engine) -> None:
    """An announced price changes no past figure and speaks from its day on; before it was read it was not known."""
    done = _csv(book, f"{LUNA},0.1,1.2,2026-12-01")
    assert _told(done) == [(LUNA, "input", "scheduled", "accepted")]
    day = datetime(2026, 12, 1, tzinfo=UTC)
    assert _input(book, LUNA, day - timedelta(seconds=1)) == ["0.20"]
    assert _input(book, LUNA, day) == ["0.10"]
    assert _input(book, LUNA, day, as_of=LATER - timedelta(seconds=1)) == ["0.20"]


def test_a_scheduled_rise_that_is_cancelled_leaves_no_trace(book: Engine) -> None:
    """As claude-sonnet-5's: 3/15 was announced, and a list that tells all of its provider no longer has it."""
    before = NOW + timedelta(hours=1)
    sonnet = "anthropic/claude-sonnet-5"
    _csv(book, f"{sonnet},3,15,2026-12-15", at=before)
    december = datetime(2026, 12, 16, tzinfo=UTC)
    assert _input(book, sonnet, december) == ["3.00"]
    done = refresh_installed(book, at=LATER)
    assert _told(done) == [(sonnet, "input", "cancelled", "open"), (sonnet, "output", "cancelled", "open")]
    accept(book, None, by="t", at=LATER)
    assert _input(book, sonnet, december) == ["2.00"]
    assert prices_of(book, sonnet, NOW)["prices"][0]["valid_to"] is None
    assert _input(book, sonnet, december, as_of=before) == ["3.00"]
    assert refresh_installed(book, at=LATER + timedelta(days=1)).waiting == 0


def test_accept_then_supersede_then_as_of_gives_back_what_was_known(book: Engine) -> None:
    """Each correction stands beside what it corrects, for its own time of knowing."""
    day = datetime(2026, 8, 2, tzinfo=UTC)
    first = _csv(book, f"{LUNA},0.3,,2026-08-01")
    accept(book, [found.id for found in first.proposals], by="ann", at=LATER)
    second = _csv(book, f"{LUNA},0.25,,2026-08-01", at=LATER + timedelta(days=1))
    accept(book, None, by="bob", at=LATER + timedelta(days=1))
    assert _input(book, LUNA, day, as_of=LATER - timedelta(seconds=1)) == ["0.20"]
    assert _input(book, LUNA, day, as_of=LATER) == ["0.30"]
    assert _input(book, LUNA, day) == ["0.25"]
    with reading(book) as session:
        rows = session.scalars(select(PriceRow).where(PriceRow.recorded_by.in_(("ann", "bob"))).order_by(PriceRow.id))
        found = [(row.recorded_by, row.supersedes_id is None, row.source_sha256) for row in rows]
    assert found == [("ann", True, first.sha256), ("bob", False, second.sha256)]


def test_a_no_is_remembered(book: Engine) -> None:
    """What was refused is not proposed again by the same list, and cannot be decided twice."""
    (found,) = _csv(book, f"{LUNA},0.3,1.2,").proposals
    (said,) = reject(book, [found.id], by="t", at=LATER)
    assert (said.status, said.decided_by) == ("rejected", "t")
    assert _csv(book, f"{LUNA},0.3,1.2,", at=LATER + timedelta(days=1)).proposals == ()
    with pytest.raises(BadInput, match=f"proposal {found.id} was rejected before"):
        accept(book, [found.id], by="t", at=LATER)
    with pytest.raises(BadInput, match="no proposal 999"):
        reject(book, [999], by="t", at=LATER)


def test_the_raw_bytes_are_kept(book: Engine) -> None:
    """Under their hash, so that anybody can see what was read; a list with refused rows says which."""
    done = _csv(book, f"{LUNA},abc,1.2,2026-12-01", "acme/one,-1,2,2026-12-01")
    assert [(row.row, row.field) for row in done.refused] == [(1, "input"), (2, "input")]
    assert done.needs_a_person
    with reading(book) as session:
        content = import_content(session, done.sha256)
    assert content is not None
    assert content.startswith(b"model,input")


def test_a_litellm_list_says_what_holds_now(book: Engine) -> None:
    """Per token, undated: a move is noticed when it is read, and waits for a person."""
    entries = {
        "sample_spec": {"input_cost_per_token": 0},
        "gpt-5.6-luna": {
            "litellm_provider": "openai",
            "input_cost_per_token": 3e-07,
            "output_cost_per_token": 1.2e-06,
            "input_cost_per_token_batches": 1.5e-07,
        },
    }
    done = refresh_from(book, json.dumps(entries).encode(), "litellm.json", at=LATER)
    inputs = [found for found in done.proposals if (found.kind.value, found.processing) == ("input", "standard")]
    assert [(found.old, found.new, found.status) for found in inputs] == [(Decimal("0.2"), Decimal("0.3"), "open")]
    assert inputs[0].valid_from == LATER.replace(minute=0)


def test_a_saved_list_of_the_feed_is_whole_for_the_providers_it_tells(book: Engine) -> None:
    """A model missing from its provider is told as removed, and its price stays."""
    listed = [
        {
            "id": "cohere",
            "name": "Cohere",
            "api_pattern": "https://api\\.cohere",
            "models": [
                {"id": "command-a", "match": {"equals": "command-a"}, "prices": {"input_mtok": 2.5, "output_mtok": 10}}
            ],
        }
    ]
    done = refresh_from(book, json.dumps(listed).encode(), "data.json", at=LATER)
    changes = {found.model: (found.change, found.status) for found in done.proposals}
    assert changes["cohere/command-r7b"] == ("removed", "accepted")
    assert "cohere/command-a" not in changes
    assert "openai/gpt-4o" not in changes
    assert _input(book, "cohere/command-r7b", LATER) != []


@pytest.mark.parametrize("raw", [b"", b"[1, 2]", b"{}", b"model,colour\nx,red\n", b"\xff\xfe", b"[[[["])
def test_what_is_no_price_list_is_refused(book: Engine, raw: bytes) -> None:
    """Nothing is written, and the error names the cure."""
    with pytest.raises(BadInput, match=r"CSV|columns|UTF-8"):
        refresh_from(book, raw, "x", at=LATER)
    with reading(book) as session:
        assert proposals(session) == []


def test_a_proposal_as_the_contract_says_it(book: Engine) -> None:
    """The keys of `prices proposals --json`, amounts as text."""
    _csv(book, f"{LUNA},0.3,1.2,")
    (found,) = waiting_now(book)
    told = proposal_document(found)
    assert {name: told[name] for name in ("id", "model", "kind", "change", "old", "new", "valid_from", "status")} == {
        "id": found.id,
        "model": LUNA,
        "kind": "input",
        "change": "changed",
        "old": "0.2",
        "new": "0.3",
        "valid_from": "2026-11-25T09:00:00Z",
        "status": "open",
    }


def test_a_list_s_last_days_are_kept_once_and_do_not_move_the_vendor_s_own(book: Engine) -> None:
    """A litellm list that ends gpt-5.4 is news once; for gpt-4o-mini, which OpenAI dated itself, it is not heard."""

    def told(day: str) -> bytes:
        entry = {"litellm_provider": "openai", "input_cost_per_token": 2.5e-06}
        ends = {"gpt-5.4": day, "gpt-4o-mini": "2027-02-01", "gpt-5.5": "unknown"}
        return json.dumps({name: entry | {"deprecation_date": end} for name, end in ends.items()}).encode()

    def ends() -> list[tuple[str, str]]:
        with reading(book) as session:
            found = retirements_of(session, ["openai/gpt-5.4", "openai/gpt-4o-mini", "openai/gpt-5.5"])
        return [(item.model, item.on.isoformat()) for item in found]

    mini = ("openai/gpt-4o-mini", "2027-01-14")
    assert refresh_from(book, told("2027-03-05"), "litellm.json", at=LATER).retirements == 1
    assert refresh_from(book, told("2027-03-05"), "litellm.json", at=LATER).retirements == 0
    assert ends() == [mini, ("openai/gpt-5.4", "2027-03-05")]
    later = LATER + timedelta(days=1)
    assert refresh_from(book, told("2027-06-05"), "litellm.json", at=later).document()["retirements"] == 1
    assert ends() == [mini, ("openai/gpt-5.4", "2027-06-05")]
