"""One call seen by two instrumentations is one call.

An SDK that traces itself and an instrumentor around it give two spans for one request: nested in one trace
(the Anthropic SDK), or side by side in two (Traceloop). Sequential calls to a server that reuses one response id
(BerriAI/litellm#41273) are calls of their own: they do not overlap, or come from one and the same instrumentation.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from collectors.otlp_kinds import SpanKind
from collectors.otlp_names import RESPONSE_ID
from collectors.otlp_read import SeenSpan
from strategy.facts import Call

_Identity = tuple[bytes, bytes]
_MOST_ANCESTORS = 64
# A request that overlaps more others of the same id and size is an attack on the loop, not a second instrumentation.
_MOST_COMPARED = 32


def without_duplicates(
    accepted: Mapping[_Identity, tuple[SeenSpan, Call]], known: Mapping[_Identity, SeenSpan]
) -> list[Call]:
    """The calls with each request once: of nested spans the outermost with tokens, of parallel ones the first begun."""
    dropped = _nested(accepted, known)
    dropped |= _parallel({key: pair for key, pair in accepted.items() if key not in dropped})
    return [call for key, (_, call) in accepted.items() if key not in dropped]


def _nested(accepted: Mapping[_Identity, tuple[SeenSpan, Call]], known: Mapping[_Identity, SeenSpan]) -> set[_Identity]:
    dropped: set[_Identity] = set()
    # Calls with tokens first, so that the order in which spans arrive changes nothing.
    for key, (span, call) in sorted(accepted.items(), key=lambda item: not _sized(item[1][1])):
        outer = [found for found in _ancestors(span, known) if found in accepted and found not in dropped]
        if outer and (not _sized(call) or any(_sized(accepted[found][1]) for found in outer)):
            dropped.add(key)
        else:
            dropped.update(outer)
    return dropped


def _ancestors(span: SeenSpan, known: Mapping[_Identity, SeenSpan]) -> Iterator[_Identity]:
    """The spans around this one, nearest first, up to the first agent, tool or workflow."""
    parent = known.get((span.trace_id, span.parent_id))
    for _ in range(_MOST_ANCESTORS):
        if parent is None or parent.kind is SpanKind.UNIT or parent is span:
            return
        yield parent.identity()
        parent = known.get((parent.trace_id, parent.parent_id))


def _sized(call: Call) -> bool:
    return call.input_tokens is not None or call.output_tokens is not None


def _parallel(accepted: Mapping[_Identity, tuple[SeenSpan, Call]]) -> set[_Identity]:
    alike: defaultdict[tuple[object, ...], list[SeenSpan]] = defaultdict(list)
    for span, call in accepted.values():
        response = span.first(RESPONSE_ID)
        if response is not None and _sized(call):
            alike[call.provider, response, call.input_tokens, call.output_tokens].append(span)
    dropped: set[_Identity] = set()
    for group in alike.values():
        kept: list[SeenSpan] = []
        for span in sorted(group, key=lambda item: (item.start_ns, item.identity())):
            if any(_same_request(span, other) for other in kept[-_MOST_COMPARED:]):
                dropped.add(span.identity())
            else:
                kept.append(span)
    return dropped


def _same_request(one: SeenSpan, other: SeenSpan) -> bool:
    apart = one.start_ns > other.end_ns or other.start_ns > one.end_ns
    return one.scope != other.scope and not apart
