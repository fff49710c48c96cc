"""What comes out of discovered traffic: counted by kind, once, with the call, and never what it was."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from collectors.output_shape import output_shape
from offramp.actions.discovered import discovered
from offramp.actions.ingest import Sent
from offramp.actions.receive import receive
from offramp.actions.rename import rename
from tests.collectors.otlp_bodies import RECEIVED, SIZED, Given, request
from tests.offramp.spans import PROTOBUF

_JSON = {**SIZED, "gen_ai.output.type": "json", "gen_ai.response.finish_reasons": ["stop"]}


@pytest.mark.parametrize(
    ("given", "shape"),
    [
        (("JSON", ("end_turn", "stop"), None, None), "json/stop"),
        (("json_schema", '["max_tokens"]', None, None), "json/length"),
        ((None, "FinishReason.STOP", None, None), "/stop"),
        ((None, '"tool-calls"', None, None), "/tool"),
        ((None, "[", None, None), None),
        ((None, "because", None, None), "/other"),
        (("audio", None, None, None), "speech/"),
        (("what somebody wrote", None, None, None), None),
        ((None, None, '{"model": "x", "response_format": {"type": "json_object"}}', None), "json/"),
        ((None, None, '{"response_format": "text"}', None), "text/"),
        ((None, None, '{"response_format": ', None), None),
        ((None, "stop", None, "ai.streamObject.doStream"), "json/stop"),
        ((7, 7, 7, 7), "/other"),
    ],
    ids=range(13),
)
def test_shapes_are_words_of_ours(given: tuple[object, ...], shape: str | None) -> None:
    """Whatever clients write, a few words are kept; what is none of them says nothing."""
    assert output_shape(*given) == shape


def _send(engine: Engine, *spans: Given) -> None:
    body = request(spans, {"service.name": "bot"}).SerializeToString()
    receive(engine, None, Sent("traces", body, PROTOBUF["content-type"]), at=RECEIVED, late_window=timedelta(hours=24))


def test_discovered_traffic_says_what_comes_out(engine: Engine) -> None:
    """Counted once, sent twice; in the listing, in the text and, where nearly all is JSON, in the registration."""
    for _ in range(2):
        _send(engine, *(Given(number=n, attributes=_JSON) for n in range(1, 10)), Given(number=10))
    (found,) = discovered(engine, RECEIVED)
    assert (found.document()["outputs"], found.document()["ends"]) == ({"json": 9}, {"stop": 9})
    assert found.prefilled["task"] == {"output_space": "structured"}
    assert "# comes out as json 100 %, as far as senders say" in found.text()


def test_little_said_is_not_taken_for_all(engine: Engine) -> None:
    """Where most calls say nothing, or many are text, the registration says nothing of the output."""
    text = {**_JSON, "gen_ai.output.type": "text", "gen_ai.response.finish_reasons": ["length"]}
    _send(engine, Given(number=1, attributes=_JSON), *(Given(number=n) for n in range(2, 9)))
    assert "task" not in discovered(engine, RECEIVED)[0].prefilled
    _send(engine, *(Given(number=n, attributes=_JSON) for n in range(20, 30)), Given(number=30, attributes=text))
    _send(engine, Given(number=31, attributes=text), Given(number=32, attributes=text))
    (found,) = discovered(engine, RECEIVED)
    assert (found.outputs, found.ends) == ({"json": 11, "text": 3}, {"stop": 11, "length": 3})
    assert "task" not in found.prefilled


def test_shapes_move_with_their_calls(engine: Engine) -> None:
    """To the feature that a late parent names, out of a call seen twice, and with a rename."""
    ends = {**SIZED, "gen_ai.response.finish_reasons": ["length"]}
    outer, inner = Given(number=3, attributes=ends, scope="other"), Given(number=4, parent=3, attributes=_JSON)
    outer, inner = (replace(span, trace_id=b"another trace id") for span in (outer, inner))
    _send(engine, Given(number=2, parent=1, attributes=_JSON), inner)
    assert [item.ends for item in discovered(engine, RECEIVED)] == [{"stop": 2}]
    _send(engine, Given(number=1, attributes={"feature": "triage"}), outer)
    assert {item.name: item.ends for item in discovered(engine, RECEIVED)} == {
        "bot": {"length": 1},
        "triage": {"stop": 1},
    }
    rename(engine, "triage", "tickets", at=RECEIVED, by="somebody")
    _send(engine, Given(number=9, attributes={**_JSON, "feature": "triage"}))
    assert {item.name: item.ends for item in discovered(engine, RECEIVED)}["tickets"] == {"stop": 2}
