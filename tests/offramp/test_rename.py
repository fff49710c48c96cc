"""Renaming and merging give the past to another name exactly once, and what comes later under the old one too."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine

from collectors.resolver import ResolverConfig
from db.queries.alerts import alerts
from db.queries.features import registered_slugs, seen_features
from db.queries.scores import scores
from db.queries.usage import latency_groups
from db.queries.verdicts import latest_verdicts, verdict_of
from db.session import reading, transaction
from db.store.scores import record_scores
from db.store.usage import hour_of, record_calls
from offramp.actions.discovered import discovered
from offramp.actions.failure import BadInput
from offramp.actions.ingest import Sent, ingest_batch, read_body
from offramp.actions.load import load_file
from offramp.actions.register import read_yaml, register
from offramp.actions.rematch import rematch
from offramp.actions.rename import Renamed, merge, rename
from offramp.actions.usage import usage
from strategy.facts import Call, Score
from tests.offramp.due_company import SLUG, due_company, judge

AT = datetime(2026, 11, 20, 10, 30, tzinfo=UTC)
Change = Callable[..., Renamed]


def call(number: int, feature: str, *, model: str = "m") -> Call:
    """One call of a feature."""
    return Call(
        key=number.to_bytes(16, "big"),
        at=AT,
        feature=feature,
        provider="openai",
        model=model,
        source="otlp",
        input_tokens=100,
        output_tokens=10,
        cost_usd=Decimal("0.5"),
        latency_ms=100.0,
    )


def score(number: int, feature: str) -> Score:
    """One eval score of a feature."""
    return Score(key=number.to_bytes(16, "big"), feature=feature, metric="accuracy", score=Decimal("0.9"), n=100, at=AT)


def count(engine: Engine, *facts: Call) -> None:
    """Store calls."""
    with transaction(engine) as session:
        record_calls(session, facts, AT)


def figures(engine: Engine) -> dict[str | None, tuple[int, int, Decimal | None]]:
    """Calls, input tokens and reported cost by feature."""
    rows = usage(engine, by=("feature",)).rows
    return {row.feature: (row.calls, row.input_tokens, row.reported_cost_usd) for row in rows}


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_discovered_name_is_merged_once(engine: Engine, *, dry_run: bool) -> None:
    """Hours and latencies add up, scores move, and what comes late or again under the old name counts for the new."""
    register(engine, [{"slug": "triage"}], at=AT, by="test")
    count(engine, call(1, "triage"), call(2, "Support-API"), call(3, "Support-API", model="other"))
    with transaction(engine) as session:
        record_scores(session, [score(1, "Support-API")])
    told = merge(engine, "Support-API", "triage", at=AT, by="test", dry_run=dry_run)
    assert (told.change, told.calls, told.rows, told.scores) == ("merged", 2, 2, 1)
    if dry_run:
        assert figures(engine)["Support-API"] == (2, 200, Decimal(1))
        return
    assert figures(engine) == {"triage": (3, 300, Decimal("1.5"))}
    count(engine, call(2, "Support-API"), call(4, "Support-API"))
    with transaction(engine) as session:
        again = record_scores(session, [score(1, "Support-API"), score(2, "Support-API")])
        day = hour_of(AT) // 24
        waits = latency_groups(session, day, day + 1, by={"feature"})
        assert {group.feature for group in waits} == {"triage"}
        assert sum(group.calls for group in waits) == 4
        assert (again.accepted, len(scores(session, ["triage"]))) == (1, 2)
    assert figures(engine) == {"triage": (4, 400, Decimal(2))}
    assert merge(engine, "Support-API", "triage", at=AT, by="test").change == "unchanged"


def test_a_registered_feature_keeps_its_history_under_its_new_name(engine: Engine) -> None:
    """Verdict, alert and profile go along; the next judgement is of the same traffic; back again is the same."""
    due_company(engine)
    with reading(engine) as session:
        before = verdict_of(session, SLUG)
    calls = figures(engine)[SLUG]
    told = rename(engine, SLUG, "summaries", at=AT, by="test")
    assert (told.change, told.calls) == ("renamed", calls[0])
    with reading(engine) as session:
        after = verdict_of(session, "summaries")
        assert before is not None
        assert after is not None
        assert (after.document, verdict_of(session, SLUG)) == (before.document, None)
        assert [alert.feature for alert in alerts(session)] == ["summaries"]
        assert registered_slugs(session) == {"summaries"}
    assert figures(engine)["summaries"] == calls
    with pytest.raises(BadInput, match="is called summaries since"):
        register(engine, [{"slug": SLUG}], at=AT, by="test")
    rename(engine, "summaries", SLUG, at=AT, by="test")
    assert figures(engine)[SLUG] == calls
    assert judge(engine).document["verdict"] == "due"


def test_a_registered_feature_that_is_merged_is_judged_no_more(engine: Engine) -> None:
    """Its alert is closed with the reason, its verdicts stay readable, and its name stays its own."""
    due_company(engine)
    register(engine, [{"slug": "all-summaries"}], at=AT, by="test")
    told = merge(engine, SLUG, "all-summaries", at=AT, by="test")
    assert told.scores > 0
    with reading(engine) as session:
        assert registered_slugs(session) == {"all-summaries"}
        assert latest_verdicts(session) == []
        assert verdict_of(session, SLUG) is not None
        (alert,) = alerts(session)
        assert (alert.state, seen_features(session)) == ("closed", ["all-summaries"])
    with pytest.raises(BadInput, match="was merged into another feature"):
        rename(engine, "all-summaries", SLUG, at=AT, by="test")


def span(number: int, *, parent: int | None = None, feature: str | None = None, llm: bool = True) -> dict[str, object]:
    """One OTLP span as JSON."""
    ended = int(AT.timestamp()) * 10**9
    texts = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "m"} if llm else {}
    texts |= {} if feature is None else {"feature": feature}
    attributes = [{"key": key, "value": {"stringValue": text}} for key, text in texts.items()]
    attributes += [{"key": "gen_ai.usage.input_tokens", "value": {"intValue": "100"}}] if llm else []
    inside = {} if parent is None else {"parentSpanId": f"{parent:016x}"}
    times = {"startTimeUnixNano": str(ended - 10**9), "endTimeUnixNano": str(ended)}
    return {"traceId": "0" * 31 + "1", "spanId": f"{number:016x}", **inside, **times, "attributes": attributes}


def test_a_late_parent_moves_a_call_across_a_rename(engine: Engine, receive: Callable[..., None]) -> None:
    """The call was counted for a service that was renamed since; it is taken from where it is now, once."""
    receive(span(2, parent=1))
    assert figures(engine)["svc"][0] == 1
    rename(engine, "svc", "support", at=AT, by="test")
    receive(span(1, feature="triage", llm=False))
    receive(span(1, feature="triage", llm=False), span(2, parent=1), span(3))
    assert {feature: row[0] for feature, row in figures(engine).items()} == {"triage": 1, "support": 1}


@pytest.fixture
def receive(engine: Engine) -> Callable[..., None]:
    """Take spans of the service `svc` as the receiver does."""

    def take(*spans: dict[str, object]) -> None:
        service = [{"key": "service.name", "value": {"stringValue": "svc"}}]
        body = {"resourceSpans": [{"resource": {"attributes": service}, "scopeSpans": [{"spans": spans}]}]}
        sent = Sent(signal="traces", body=json.dumps(body).encode(), content_type="application/json")
        ingest_batch(engine, read_body(sent, rules=ResolverConfig(), at=AT, late_window=timedelta(hours=24)))

    return take


def test_a_rule_claims_what_was_filed_before_it(engine: Engine) -> None:
    """What came under the name of the rule's service; a rule about an attribute that nobody kept says so."""
    count(engine, call(1, "support-api"), call(2, "eu/support-api"), call(3, "other"))
    rules = [{"attribute": "service.name", "equals": "support-api"}, {"attribute": "http.route", "equals": "/x"}]
    register(engine, [{"slug": "triage", "match": rules}], at=AT, by="test")
    assert [item.calls for item in rematch(engine, at=AT, by="test", dry_run=True).moved] == [1, 1]
    done = rematch(engine, "triage", at=AT, by="test")
    assert [(item.old, item.calls) for item in done.moved] == [("eu/support-api", 1), ("support-api", 1)]
    assert done.unknowable == (("triage", "http.route"),)
    assert {feature: row[0] for feature, row in figures(engine).items()} == {"triage": 2, "other": 1}
    assert rematch(engine, at=AT, by="test").moved == ()


def test_a_file_loaded_again_under_its_old_name_changes_nothing(engine: Engine, tmp_path: Path) -> None:
    """Rows are known by their keys, in bulk and row by row."""
    path = tmp_path / "calls.csv"
    row = "2026-11-19T10:00:00Z,old,openai,m,10,1"
    path.write_text(f"timestamp,feature,provider,model,input_tokens,output_tokens\n{row}\n{row}")
    load_file(engine, path, at=AT)
    rename(engine, "old", "new", at=AT, by="test")
    assert load_file(engine, path, at=AT).duplicates == 2
    path.write_text(path.read_text() + f"\n{row.replace('19T', '18T')}\n")
    assert load_file(engine, path, at=AT).accepted == 1
    assert {feature: found[0] for feature, found in figures(engine).items()} == {"new": 3}


@pytest.mark.parametrize(
    ("change", "old", "new", "words"),
    [
        (rename, "nobody", "new", "no feature 'nobody'"),
        (rename, "seen", "No Slug", "cannot be its name"),
        (rename, "seen", "taken", "taken is registered already"),
        (merge, "seen", "nobody", "register it first"),
        (merge, "nobody", "taken", "no feature 'nobody'"),
        (merge, "taken", "taken", "name another feature"),
    ],
)
def test_what_cannot_be_is_said(engine: Engine, change: Change, old: str, new: str, words: str) -> None:
    """With its cure, and nothing moves."""
    register(engine, [{"slug": "taken"}], at=AT, by="test")
    count(engine, call(1, "seen"))
    with pytest.raises(BadInput, match=words):
        change(engine, old, new, at=AT, by="test")
    assert figures(engine)["seen"][0] == 1


def test_discovered_traffic_suggests_its_registration(engine: Engine) -> None:
    """What was measured and by whom told; the YAML registers as it is, a name that is no slug after a rename."""
    count(engine, call(1, "chat"), call(2, "chat"), call(3, "chat", model="other"), call(4, "Support/API v2"))
    first, second = discovered(engine, AT)
    assert (first.name, first.calls, first.models, first.sources) == ("chat", 3, ("m", "other"), ("otlp",))
    assert first.latency_p50_ms == pytest.approx(100, rel=0.05)
    done = register(engine, read_yaml(first.text()), at=AT, by="test")
    assert [(item.slug, item.change) for item in done] == [("chat", "created")]
    assert (second.name, second.slug) == ("Support/API v2", "support-api-v2")
    assert "offramp features rename 'Support/API v2' support-api-v2" in second.text()
    rename(engine, second.name, second.slug, at=AT, by="test")
    assert [item.name for item in discovered(engine, AT)] == ["support-api-v2"]
    with pytest.raises(BadInput, match="no feature 'chat'"):
        discovered(engine, AT, "chat")
