"""What a span is: a call of a model, an embedding, a unit of work around calls, or nothing of ours."""

from collectors import otlp_names as names
from collectors.resolver import Attributes
from strategy.spans import SpanKind

# Which attribute decides, what makes it a call, what an embedding; any other value is a unit around calls.
_DECIDING = (
    (names.RUN_TYPE, names.CALL_OTHER_KINDS, names.EMBEDDING_OTHER_KINDS),
    (names.OPERATION, names.CALL_OPERATIONS, names.EMBEDDING_OPERATIONS),
    (names.SPAN_KIND, names.CALL_SPAN_KINDS, names.EMBEDDING_SPAN_KINDS),
    *((((key,), names.CALL_OTHER_KINDS, names.EMBEDDING_OTHER_KINDS)) for key in names.OTHER_KINDS),
    (names.OBSERVATION_TYPE, names.CALL_OBSERVATIONS, names.EMBEDDING_OBSERVATIONS),
    (names.REQUEST_TYPE, names.CALL_REQUEST_TYPES, names.EMBEDDING_REQUEST_TYPES),
    (names.ACTION_TYPE, names.CALL_ACTIONS, names.EMBEDDING_ACTIONS),
)


def is_ignored(name: str) -> bool:
    """Whether a span of this name is none of ours, whatever its attributes say.

    >>> [is_ignored(name) for name in ("raw_gen_ai_request", "OpenAI._prepare_chat_with_tools", "OpenAI.chat")]
    [True, True, False]
    """
    return name in names.IGNORED_SPANS or name.endswith(names.IGNORED_ENDS)


def span_kind(name: str, attributes: Attributes) -> SpanKind:
    """The kind of a span by its name and attributes; the first attribute that speaks decides."""
    if not attributes or is_ignored(name):
        return SpanKind.OTHER
    vercel = attributes.get(names.VERCEL_OPERATION[0])
    if isinstance(vercel, str):
        return _vercel_kind(vercel)
    if names.LOGFIRE_TAGS[0] in attributes and _begins_stream(attributes):
        return SpanKind.OTHER
    for keys, calls, embeddings in _DECIDING:
        value = attributes.get(keys[0])
        if isinstance(value, str) and value:
            return SpanKind.CALL if _answers(value, attributes) else _kind_of(value, calls, embeddings)
    is_agent = names.AGENT[0] in attributes and names.ADK not in (attributes.get(name) for name in names.ASKED[0])
    if is_agent or not attributes.keys().isdisjoint(names.UNIT_KIND):
        return SpanKind.UNIT
    # Google's ADK, older Logfire and Claude Code name no operation on the span of a request.
    asked = all(any(name in attributes for name in some) for some in names.ASKED)
    return SpanKind.CALL if asked else SpanKind.OTHER


def _begins_stream(attributes: Attributes) -> bool:
    """Whether a span is Logfire's of a streamed request: it ends before the answer, whose end a log beside it tells.

    Like any of its spans it names no kind of its own; what it lacks is a failure, an answer's id and a usage.
    """
    return (
        attributes[names.LOGFIRE_TAGS[0]] == ("LLM",)
        and attributes.get(names.LOGFIRE_TYPE[0]) == "span"
        and attributes.get(names.OPERATION[0]) == "chat"
        and attributes.keys().isdisjoint((*names.LOGFIRE_LEVEL, *names.RESPONSE_ID, *names.INPUT_TOKENS))
    )


def _answers(operation: str, attributes: Attributes) -> bool:
    """Whether an agent is a provider's, which answers as a model does: Mistral's SDK knows no name of it."""
    answered = operation == names.AGENT_OPERATION and names.RESPONSE_ID[0] in attributes
    return answered and names.AGENT[0] not in attributes and not attributes.keys().isdisjoint(names.INPUT_TOKENS)


def _kind_of(value: str, calls: frozenset[str], embeddings: frozenset[str]) -> SpanKind:
    found = {value} if value in calls else {value, value.lower(), value.upper()}
    if found & calls:
        return SpanKind.CALL
    return SpanKind.EMBEDDING if found & embeddings else SpanKind.UNIT


def _vercel_kind(operation: str) -> SpanKind:
    # ai.generateText repeats the usage of its ai.generateText.doGenerate: only the inner one is a call.
    inner = operation.rpartition(".")[2]
    if inner == "doEmbed":
        return SpanKind.EMBEDDING
    return SpanKind.CALL if inner in ("doGenerate", "doStream") else SpanKind.UNIT
