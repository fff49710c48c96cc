"""Spans with alike attributes are read by what their set says: each as if it were read alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from collectors.otlp_alike import Words
from collectors.otlp_errors import BadBody
from collectors.otlp_names import SPAN_ATTRIBUTES
from collectors.otlp_read import attributes_of, value_of
from collectors.resolver import ResolverConfig, Rule
from strategy.facts import Call
from strategy.spans import Claims
from tests.collectors.otlp_bodies import CHAT, Given, intake

INPUT, OLD_INPUT = "gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens"


def calls(*spans: Given) -> list[Call]:
    """The calls of one request, in order."""
    return list(intake(*spans).calls)


def test_the_counts_of_alike_spans_are_their_own() -> None:
    """The same names and models, other counts: the second is not the first again."""
    base = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "m"}
    sizes = [3, 0, 70_000]
    spans = [Given(number=number, attributes={**base, INPUT: size}) for number, size in enumerate(sizes, 1)]
    assert [call.input_tokens for call in calls(*spans)] == sizes


def test_an_empty_count_gives_way_to_an_older_name() -> None:
    """Which of two names counts is said by the value, not by the set."""
    both = [
        Given(number=1, attributes={**CHAT, INPUT: "", OLD_INPUT: 5}),
        Given(number=2, attributes={**CHAT, INPUT: "4", OLD_INPUT: 5}),
    ]
    assert [call.input_tokens for call in calls(*both)] == [5, 4]


def test_a_rule_on_a_count_or_an_id_is_a_rule_on_its_value() -> None:
    """What is each span's own elsewhere decides here, so it is part of the set."""
    rules = Rule("five", INPUT, "5"), Rule("mine", "gen_ai.response.id", "r1")
    given = [(5, "r2"), (6, "r3"), (5, "r4"), (6, "r1"), (7, "r5")]
    spans = [
        Given(number=number, attributes={**CHAT, INPUT: size, "gen_ai.response.id": name})
        for number, (size, name) in enumerate(given, 1)
    ]
    found = intake(*spans, resolver=ResolverConfig(rules=rules)).calls
    assert [call.feature for call in found] == ["five", None, "five", "mine", None]


_texts = st.text(max_size=70)
_pairs = st.builds(
    KeyValue,
    key=st.sampled_from(["gen_ai.request.model", "gen_ai.response.id", INPUT, ""]) | _texts,
    value=st.one_of(
        st.builds(AnyValue, string_value=_texts),
        st.builds(AnyValue, int_value=st.integers(-(2**63), 2**63 - 1)),
        st.builds(AnyValue, bool_value=st.booleans()),
        st.just(AnyValue()),
    ),
)


@given(pair=_pairs, place=st.integers(0, 200), byte=st.integers(0, 255), is_whole=st.booleans())
def test_an_attribute_says_what_its_parser_says(pair: KeyValue, place: int, byte: int, *, is_whole: bool) -> None:
    """Whole, or with a byte changed: the short way and the parser agree, and what is none is refused."""
    encoded = bytearray(pair.SerializeToString())
    if encoded and not is_whole:
        encoded[place % len(encoded)] = byte
    resolver = ResolverConfig(rules=(Rule("any", pair.key, "x"),))
    words = Words(resolver)
    try:
        parsed = KeyValue.FromString(bytes(encoded))
    except Exception:  # noqa: BLE001 (whatever the parser says of it)
        with pytest.raises(BadBody):
            words[bytes(encoded)]
        return
    expected = attributes_of([parsed], SPAN_ATTRIBUTES | resolver.attributes())
    assert (words[bytes(encoded)] != 0) == bool(expected)
    assert words.value(bytes(encoded)) == value_of(parsed.value)


def test_what_is_remembered_is_bounded() -> None:
    """Names that never come again do not fill the memory, and are read none the less."""
    words = Words(ResolverConfig())
    chat = KeyValue(key="gen_ai.operation.name", value=AnyValue(string_value="chat")).SerializeToString()
    for number in range(50_000):
        pair = KeyValue(key="gen_ai.request.model", value=AnyValue(string_value=f"model-{number}"))
        encoded = pair.SerializeToString()
        assert words.value(encoded) == f"model-{number}"
        numbers = words[chat], words[encoded]
        assert words.alike([chat, encoded], numbers, Claims(), "chat", scope="").model == f"model-{number}"
        words.sets(Claims(service=f"service-{number}"), scope="", ignored=False)
    assert len(words) <= 20_000
    assert words.kept <= 20_000


def test_counts_that_never_come_again_leave_what_is_known_of_names() -> None:
    """Every call has another size and another request's id: the set of its names is still the one that was seen."""
    words = Words(ResolverConfig())
    model, chat = (
        KeyValue(key=key, value=AnyValue(string_value=value)).SerializeToString()
        for key, value in (("gen_ai.request.model", "m"), ("gen_ai.operation.name", "chat"))
    )
    known = words[chat], words[model]
    for number in range(50_000):
        size = KeyValue(key=INPUT, value=AnyValue(int_value=number)).SerializeToString()
        other = KeyValue(key="http.request.id", value=AnyValue(string_value=str(number))).SerializeToString()
        assert (words[size] < 0, words[other], words.value(size)) == (True, 0, number)
    assert (words[chat], words[model]) == known
    assert len(words) <= 20_000 + len(known)
    assert len(words.own) <= 20_000


def test_a_text_that_holds_an_answer_is_not_remembered() -> None:
    """Genkit's usage is read out of its answer, short or long, and the answer is in none of what is kept."""
    words = Words(ResolverConfig())
    for said in ("refund", "refund" * 1000):
        text = f'{{"message":"{said}","usage":{{"inputTokens":7}}}}'
        pair = KeyValue(key="genkit:output", value=AnyValue(string_value=text)).SerializeToString()
        number = words[pair]
        assert (number < 0, words.value(pair)) == (True, text)
        assert words.alike([pair], (number,), Claims(), "m", scope="").details == (0,)
        assert (pair in words, words.own) == (False, {})
