"""The feature of a span: the order of the search, each carrier, and names made safe."""

from collections.abc import Sequence

import pytest

from collectors import resolver
from collectors.resolver import Attributes, ResolverConfig, Rule, Value, claims, resolver_for
from strategy.profile import Feature, MatchRule
from tests.collectors.otlp_bodies import SIZED, Given, intake

DEFAULT = ResolverConfig()
ROUTED = ResolverConfig(
    rules=(Rule("by-route", "http.route", "/triage"), Rule("by-service", "service.name", "support-api"))
)


def resolve(config: ResolverConfig, spans: Sequence[Attributes], resource: Attributes) -> str | None:
    """The feature of the first span; the others are its ancestors, all of one resource."""
    return resolver.resolve(claims(config, attributes, resource) for attributes in spans)


@pytest.mark.parametrize("key", ["feature", "feature.name", "app.feature", "app.feature.name", "llm.feature"])
def test_an_explicit_key_names_the_feature(key: str) -> None:
    """Each of the default keys; MLflow writes every value as a JSON text."""
    assert resolve(DEFAULT, [{key: "triage"}], {"service.name": "bot"}) == "triage"
    assert resolve(DEFAULT, [{key: '"triage"'}], {"service.name": "bot"}) == "triage"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("traceloop.association.properties.feature", "triage"),
        ("langfuse.trace.metadata.feature", '"triage"'),
        ("langfuse.trace.metadata.feature", "triage"),
        ("langfuse.trace.tags", ("prod", "feature:triage")),
        ("langfuse.trace.tags", '["feature:triage"]'),
        ("metadata", '{"feature": "triage", "team": "x"}'),
        ("tag.tags", ("feature:triage",)),
        ("metadata.spend_logs_metadata", "{'feature': 'triage', 'n': 1}"),
        ("metadata.spend_logs_metadata", '{"feature": "triage"}'),
        ("ai.telemetry.metadata.feature", "triage"),
        ("ai.settings.context.feature", "triage"),
        ("langsmith.metadata.feature", "triage"),
        ("langsmith.span.tags", "prod, feature:triage"),
        ("mastra.metadata.feature", "triage"),
        ("genkit:metadata:feature", "triage"),
        ("lmnr.association.properties.metadata.feature", "triage"),
        ("trace.metadata.feature", "triage"),
        ("mlflow.traceTag.feature", "triage"),
    ],
)
def test_a_vendors_carrier_names_the_feature(key: str, value: Value) -> None:
    """As each SDK really writes it: quoted, as JSON text, as tags, as a Python repr."""
    assert resolve(DEFAULT, [{key: value}], {"service.name": "bot"}) == "triage"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("metadata", "not json"),
        ("metadata", "[1]"),
        ("metadata", '{"feature": {"x": 1}}'),
        ("metadata", "[" * 50_000),
        ("langfuse.trace.tags", ("prod",)),
        ("langfuse.trace.tags", 5),
        ("langfuse.trace.metadata.feature", '""'),
        ("feature", ""),
        ("feature", "\x00\u202e"),
    ],
)
def test_a_carrier_that_names_nothing_is_passed_by(key: str, value: Value) -> None:
    """The search goes on to the service."""
    assert resolve(DEFAULT, [{key: value}], {"service.name": "bot"}) == "bot"


def test_the_order_of_the_search() -> None:
    """Each step taken away leaves the next."""
    span: dict[str, Value] = {
        "feature": "explicit",
        "traceloop.association.properties.feature": "carried",
        "http.route": "/triage",
    }
    resource: dict[str, Value] = {"service.name": "support-api", "service.namespace": "help"}
    parent: dict[str, Value] = {"feature": "parent"}
    found = [resolve(ROUTED, [span, parent], resource)]
    for key in list(span):
        del span[key]
        found.append(resolve(ROUTED, [span, parent], resource))
    agents: list[dict[str, Value]] = [{"gen_ai.agent.name": "agent"}, {"gen_ai.agent.name": "crew"}]
    found.append(resolve(ROUTED, [span, *agents, parent], {"service.name": "other"}))
    found.append(resolve(ROUTED, [*agents, parent], {"service.name": "other"}))
    found.append(resolve(ROUTED, [span, *agents], {"service.name": "other"}))
    found.append(resolve(ROUTED, [span], {"feature": "resource", **resource}))
    found.append(resolve(ROUTED, [{"gen_ai.agent.name": "agent"}], resource))
    found.append(resolve(DEFAULT, [span], resource))
    found.append(resolve(DEFAULT, [span], {}))
    assert found == [
        "explicit",
        "carried",
        "by-route",
        "parent",
        "parent",
        "parent",
        "agent",
        "resource",
        "by-service",
        "help/support-api",
        None,
    ]


@pytest.mark.parametrize(
    "key",
    [
        "gen_ai.prompt.name",
        "gen_ai.workflow.name",
        "traceloop.workflow.name",
        "gen_ai.agent.name",
        "ai.telemetry.functionId",
    ],
)
def test_a_named_unit_comes_before_the_service(key: str) -> None:
    """Somebody named this part of the application."""
    assert resolve(DEFAULT, [{key: "summarise"}], {"service.name": "bot"}) == "summarise"


def test_a_numbered_prompt_is_no_feature() -> None:
    """Gemini's command line names each prompt by its session and number: all of them belong to the one program."""
    program = {"gen_ai.agent.name": "gemini-cli"}
    for name in ("1f0c########1", "1f0c########2"):
        assert resolve(DEFAULT, [{"gen_ai.prompt.name": name, **program}], {"service.name": "bot"}) == "gemini-cli"
    assert resolve(DEFAULT, [{"gen_ai.prompt.name": "triage", "gen_ai.agent.name": "bot"}], {}) == "triage"


@pytest.mark.parametrize(
    ("resource", "feature"),
    [
        ({"service.name": "bot"}, "bot"),
        ({"service.name": "bot", "service.namespace": "help"}, "help/bot"),
        ({"service.name": "bot", "service.namespace": ""}, "bot"),
        ({"service.name": "unknown_service:python"}, None),
        ({"service.name": "unknown_service", "service.namespace": "help"}, None),
        ({"service.namespace": "help"}, None),
        ({"deployment.environment.name": "prod"}, None),
    ],
)
def test_the_service_is_the_last_resort(resource: dict[str, Value], feature: str | None) -> None:
    """An SDK's placeholder name is no name; what is left is unattributed."""
    assert resolve(DEFAULT, [{}], resource) == feature


def test_a_name_is_made_safe() -> None:
    """Control and direction signs go, composed letters are one, and 100 characters stay."""
    name = "  Zu\u0308rich\x00\u202e\n<b>🎫" + "x" * 100_000
    found = resolve(DEFAULT, [{"feature": name}], {})
    assert found is not None
    assert (found[:11], len(found)) == ("Zürich<b>🎫x", 100)


def test_rules_come_from_registered_features() -> None:
    """In their order, the first that fits; true and numbers as YAML writes them."""
    features = [
        Feature(slug="b", match=(MatchRule(attribute="vip", equals="true"),)),
        Feature(slug="a", match=(MatchRule(attribute="app.lane", equals="7"),)),
    ]
    config = resolver_for(features)
    assert [rule.slug for rule in config.rules] == ["b", "a"]
    assert (resolve(config, [{"vip": True}], {}), resolve(config, [{"app.lane": 7}], {})) == ("b", "a")


def test_a_rules_attribute_is_read_from_the_body() -> None:
    """On the span, on an ancestor, and on the resource."""
    by_route = Given(number=1, attributes={"http.route": "/triage"})
    assert intake(by_route, Given(number=2, parent=1), resolver=ROUTED).calls[0].feature == "by-route"
    assert (
        intake(Given(number=1), resource={"service.name": "support-api"}, resolver=ROUTED).calls[0].feature
        == "by-service"
    )


def test_an_ancestor_in_another_trace_is_none() -> None:
    """A parent id counts within its own trace only."""
    parent = Given(number=1, trace_id=bytes(15) + b"\x01", attributes={"feature": "x"})
    assert intake(parent, Given(number=2, parent=1)).calls[0].feature is None


def test_a_missing_parent_falls_back_to_the_service() -> None:
    """Children arrive before their parents, often in a body of their own."""
    found = intake(Given(number=2, parent=1, attributes=SIZED), resource={"service.name": "bot"})
    assert found.calls[0].feature == "bot"


def test_the_search_can_be_configured() -> None:
    """Other keys, no units, no service."""
    config = ResolverConfig(explicit=("x.product",), named_units=(), service=False)
    assert resolve(config, [{"x.product": "a"}], {}) == "a"
    assert resolve(config, [{"feature": "a", "gen_ai.agent.name": "b"}], {"service.name": "c"}) is None
