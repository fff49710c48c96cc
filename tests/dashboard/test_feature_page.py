"""The feature page: the verdict with its whole argument, its history, its unknowns, and slugs nobody knows."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

from streamlit.testing.v1 import AppTest

from dashboard import frames
from db.queries.verdicts import Flip, flips
from db.session import reading, transaction
from db.store.scores import record_scores
from db.store.usage import record_calls
from offramp.actions.explain import explain
from offramp.actions.features import list_features
from offramp.actions.ledger import list_ledger
from offramp.clock import now
from strategy.facts import Call, Score
from strategy.fields import TASK_FIELDS
from tests.dashboard.conftest import OpenPage, opened, seen


def charts(page: AppTest) -> list[str]:
    """What the charts of a page say in words, in order."""
    return [json.loads(item.proto.spec)["description"] for item in page.get("vega_lite_chart")]


def verdict(url: str, slug: str) -> dict[str, Any]:
    """The stored verdict document, as the action explains it."""
    with opened(url) as engine:
        return explain(engine, slug)


def page_flips(url: str, slug: str) -> list[Flip]:
    """The flips of a feature, as the page reads them."""
    with opened(url) as engine, reading(engine) as session:
        return flips(session, slug=slug)


def test_the_verdict_is_a_sentence_with_its_argument(demo_url: str, open_page: OpenPage) -> None:
    """Headline, cause and since; the figures beside it are those of the verdict."""
    document = verdict(demo_url, "ticket-triage")
    page = open_page(demo_url, "feature", feature="ticket-triage")
    text = seen(page)
    assert "Move Support ticket triage from prompt to embed" in document["reasons"][0]
    assert f"### {document['reasons'][0]}" in text
    assert all(f"- {reason}" in text for reason in document["reasons"][1:])
    assert f"{document['cause']['detail'].rstrip('.')}. Since " in text
    metrics = {metric.label: metric.value for metric in page.metric}
    assert metrics["Saving, a month"] == f"${Decimal(document['money']['saving_usd_month']):,.0f}"
    assert metrics["Pays back in"] == f"{document['money']['payback_days']} days"
    assert metrics["Decide by"] == "no date"
    assert f"How sure: {metrics['How sure'].replace(' ', '')} that it repays" in text


def test_gates_stand_in_order_with_where_they_ended(demo_url: str, open_page: OpenPage) -> None:
    """The five questions in the seed's order, each with its answer, its because and its source."""
    page = open_page(demo_url, "feature", feature="ticket-triage")
    text = seen(page)
    questions = [line for line in text.splitlines() if line.startswith(("**1.", "**2.", "**3.", "**4.", "**5."))]
    assert questions[1] == "**2. Is it a choice among labels or known items?**"
    assert len(questions) == 5
    assert "the output is one of a known set, and there are 5,400 labelled examples (declared)" in text
    assert text.count("ends here: embed") == 1


def test_every_chart_says_in_words_what_it_shows(demo_url: str, open_page: OpenPage) -> None:
    """Each chart carries a description with its figures, for those who do not see it."""
    matrix, costs, even = charts(open_page(demo_url, "feature", feature="ticket-triage"))[:3]
    assert "Determinism (mostly · declared): code yes, distill no, embed yes" in matrix
    assert costs.startswith("Monthly cost. code $0; embed $")
    assert even.startswith("Cumulated cost of staying and of moving; pays back on day ")


def test_what_has_no_price_is_not_drawn_as_free(sqlite_url: str, open_page: OpenPage) -> None:
    """Calls and scores are drawn, spend says that it is unknown."""
    yesterday = now() - timedelta(days=1)
    call = Call(
        key=b"k" * 16, at=yesterday, feature="x", provider="p", model="m", source="otlp", calls=7, input_tokens=5
    )
    score = Score(key=b"s" * 16, feature="x", metric="accuracy", score=Decimal("0.91"), n=100, at=yesterday)
    with opened(sqlite_url) as engine, transaction(engine) as session:
        record_calls(session, [call], now())
        record_scores(session, [score])
    page = open_page(sqlite_url, "feature", feature="x")
    assert charts(page) == [
        "Calls per day, 7 in all",
        "Errors per day, 0 % of calls in all",
        "Eval scores: prompt last 0.910",
    ]
    assert "Latency is not known." in seen(page)
    assert "these calls are unpriced, not free" in seen(page)


def test_flip_points_and_history_are_sentences(demo_url: str, open_page: OpenPage) -> None:
    """What would change the verdict, and what did."""
    page = open_page(demo_url, "feature", feature="ticket-triage")
    (point,) = (
        point for point in verdict(demo_url, "ticket-triage")["flip_points"] if point["input"] == "calls_per_day"
    )
    way = "or fewer" if point["at"] < point["now"] else "or more"
    sentence = f"At {point['at']:,} calls a day {way} (now {point['now']:,}) this would only be *watched*."
    assert point["verdict"] == "watch"
    assert f"- {sentence}" in seen(page)
    history = next(item.value for item in page.dataframe if "Before" in item.value)
    assert history["Verdict"].iloc[0] == "Due to embed"
    assert history["Cause"].iloc[-1] == "First judgement"
    assert list(history["When"]) == sorted(history["When"], reverse=True)


def test_the_profile_shows_what_nobody_has_said(demo_url: str, open_page: OpenPage) -> None:
    """All questions stand there; the unanswered ones are unknown, not empty."""
    page = open_page(demo_url, "feature", feature="ticket-triage")
    profile = next(item.value for item in page.dataframe if "Question" in item.value or "Source" in item.value)
    assert len(profile) == len(TASK_FIELDS)
    known = len(profile[profile["Source"] == "declared"])
    assert f"{known} of {len(TASK_FIELDS)} questions answered." in seen(page)
    assert 0 < known < len(TASK_FIELDS)
    assert set(profile[profile["Answer"] == "unknown"]["Source"]) == {"unknown"}


def test_a_blocked_feature_names_its_date(demo_url: str, open_page: OpenPage) -> None:
    """A model that retires: the date stands in the sentence and in the figure."""
    page = open_page(demo_url, "feature", feature="invoice-fields")
    assert "openai/gpt-4o-mini stops answering on 2027-01-14" in seen(page)
    assert {metric.label: metric.value for metric in page.metric}["Decide by"] == "14 Jan ’27"
    assert "There is no move to draw." in seen(page)


def test_without_a_slug_the_largest_saving_is_open(demo_url: str, open_page: OpenPage) -> None:
    """The page never opens on nothing."""
    page = open_page(demo_url, "feature")
    with opened(demo_url) as engine:
        first = max(list_features(engine, now()), key=lambda line: line.saving_usd_month or 0)
    assert page.title[0].value == first.name


def test_choosing_another_feature_writes_the_url(demo_url: str, open_page: OpenPage) -> None:
    """The open feature is in the link, by its slug."""
    page = open_page(demo_url, "feature", feature="ticket-triage")
    page.selectbox(key="feature").set_value("address-check").run()
    assert page.query_params == {"feature": "address-check"}
    assert page.title[0].value == "Delivery address check"


def test_an_unknown_slug_is_an_error_with_suggestions(demo_url: str, open_page: OpenPage) -> None:
    """A mistyped link names near slugs and opens no other feature."""
    page = open_page(demo_url, "feature", feature="tiket-triage")
    assert "There is no feature 'tiket-triage'." in seen(page)
    links = [item.proto.label for item in page.get("page_link")]
    assert links[0] == "Support ticket triage"
    assert not page.title


def test_an_unknown_slug_in_an_empty_database_points_to_no_list(sqlite_url: str, open_page: OpenPage) -> None:
    """A link of another installation says how the feature gets in; there is none to choose instead."""
    page = open_page(sqlite_url, "feature", feature="ticket-triage")
    assert "register it, or send traffic that names it." in seen(page)
    assert "or one of these" not in seen(page)


def test_discovered_traffic_has_a_page_that_asks_to_register(sqlite_url: str, open_page: OpenPage) -> None:
    """What traffic names and nobody registered is shown, with the way to register it; hostile names stay text."""
    name = "[x](http://e.example) $1$"
    call = Call(key=b"k" * 16, at=now(), feature=name, provider="p", model="m", source="otlp", input_tokens=5)
    with opened(sqlite_url) as engine, transaction(engine) as session:
        record_calls(session, [call], now())
    page = open_page(sqlite_url, "feature")
    assert page.title[0].value == "\\[x\\](http\u2060\\://e.example) \\$1\\$"
    assert "Traffic names this feature, and nobody has registered it." in seen(page)


def test_no_feature_at_all_shows_how_to_begin(sqlite_url: str, open_page: OpenPage) -> None:
    """An empty database is no error."""
    page = open_page(sqlite_url, "feature")
    assert "There is no feature yet." in seen(page)
    assert not page.error


def test_a_migration_stands_on_the_time_line_and_in_the_ledger(demo_url: str, open_page: OpenPage) -> None:
    """Where it went live is drawn; what it promised and what came of it stand below, as on the Savings page."""
    with opened(demo_url) as engine:
        (line,) = list_ledger(engine)
    page = open_page(demo_url, "feature", feature=line.feature)
    (mark,) = frames.migration_marks([line])
    assert (mark["what"], mark["at"].date()) == ("prompt to embed went live", line.finished_at.date())
    drawn = len(frames.flip_marks(page_flips(demo_url, line.feature))) + 1
    assert f"Spend per day with {drawn} marks for price changes, flips and migrations" in charts(page)
    (table,) = (item.value for item in page.dataframe if "Promised" in item.value)
    assert list(table["Feature"]) == [line.name]
