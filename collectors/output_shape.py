"""What came out of a call, as far as its sender says: the kind of output and why it ended, in a few words of ours."""

from functools import lru_cache

from collectors.json_text import json_in, object_in

_KINDS = {"text": "text", "json": "json", "image": "image", "speech": "speech", "audio": "speech"}
_ENDS = {
    **dict.fromkeys(("stop", "end_turn", "stop_sequence", "complete", "completed"), "stop"),
    **dict.fromkeys(("length", "max_tokens", "max_output_tokens", "incomplete"), "length"),
    **dict.fromkeys(("tool_calls", "tool_call", "tool_use", "function_call"), "tool"),
    **dict.fromkeys(("content_filter", "safety", "refusal", "guardrail_intervened"), "filter"),
    **dict.fromkeys(("error", "failed"), "error"),
}
_MOST_VALUE = 2_000
_FORMAT = "response_format"


def output_shape(kind: object, ended: object, asked_with: object, operation: object) -> str | None:
    """The shape, such as `json/stop`, `/length` or `text/`; None where the sender says neither.

    `kind` names the output or its format, `ended` is a reason, a list or a JSON text of reasons, `asked_with` the JSON
    text of the request's parameters, `operation` Vercel's name of what was done.

    >>> output_shape("json", ("stop",), None, None), output_shape(None, '["tool_calls"]', None, None)
    ('json/stop', '/tool')
    >>> output_shape(None, None, '{"response_format": {"type": "json_schema"}}', None)
    'json/'
    >>> output_shape(None, None, None, "ai.generateObject.doGenerate"), output_shape(None, None, None, None)
    ('json/', None)
    """
    found = _kind(str(kind)[:_MOST_VALUE]) if kind is not None else _asked(asked_with, operation)
    end = "" if ended is None else _end(str(ended[0] if isinstance(ended, tuple) else ended)[:_MOST_VALUE])
    return f"{found}/{end}" if found or end else None


@lru_cache(maxsize=256)
def _kind(text: str) -> str:
    plain = text.lower()
    return "json" if "json" in plain else _KINDS.get(plain, "")


@lru_cache(maxsize=256)
def _end(text: str) -> str:
    if text.startswith(("[", '"')):
        given = json_in(text)
        text = str(given[0]) if isinstance(given, list) and given else str(given or "")
    plain = text.lower().rpartition(".")[2].replace("-", "_")
    return _ENDS.get(plain, "other") if plain else ""


def _asked(asked_with: object, operation: object) -> str:
    if isinstance(operation, str) and "Object" in operation:
        return "json"
    if not isinstance(asked_with, str) or _FORMAT not in asked_with:
        return ""
    given = object_in(asked_with).get(_FORMAT)
    return _kind(str(given.get("type") if isinstance(given, dict) else given)[:_MOST_VALUE])
