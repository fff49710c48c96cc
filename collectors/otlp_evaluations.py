"""Evaluation events (`gen_ai.evaluation.result`) to facts: a score, and the span that it is of.

They name no feature: that comes from the span they are sent inside of, or from the response id that both name.
"""

from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from collectors import otlp_names as names
from collectors.keys import row_key, span_key
from collectors.names import MODEL_LENGTH, clean_name
from collectors.otlp_read import GivenEvaluation, evaluations_in, first_of
from collectors.otlp_responses import response_number
from collectors.resolver import ResolverConfig, claims
from strategy.spans import Evaluation, SpanFact, SpanKind

# A clock that runs ahead by more is wrong; a call it stamps would land in an hour that has not begun.
AHEAD = timedelta(minutes=5)
# Ids have these lengths, and these two mean none.
_NO_TRACE, _NO_SPAN = bytes(16), bytes(8)
_MOST_SCORE = Decimal(10**6)
_DIGITS = Decimal("1e-9")
_MOST_NS = 2**63 - 1
# Some evaluators give a verdict and no number.
_LABELS = {"pass": Decimal(1), "passed": Decimal(1), "fail": Decimal(0), "failed": Decimal(0)}


class Refused(Exception):  # noqa: N818 (a verdict on one record)
    """One record that cannot be counted; the message is the reason."""


def evaluations_from_logs(
    request: ExportLogsServiceRequest,
    *,
    resolver: ResolverConfig,
    received_at: datetime,
    oldest: datetime | None = None,
) -> tuple[list[SpanFact], Counter[str], int]:
    """The evaluations in a logs request, those refused by reason, and how many records are no evaluations.

    `oldest` is the late window's start (None: no window). Reasons: bad_time, late, future, bad_number.
    """
    given, others = evaluations_in(request, resolver)
    refused: Counter[str] = Counter()
    found: list[SpanFact] = []
    for item in given:
        try:
            found.append(evaluation_fact(item, resolver, (oldest, received_at + AHEAD)))
        except Refused as reason:
            refused[str(reason)] += 1
    return found, refused, others


def evaluation_fact(
    given: GivenEvaluation, resolver: ResolverConfig, bounds: tuple[datetime | None, datetime]
) -> SpanFact:
    """One evaluation as a fact inside the span that it scores; Refused where it has no time or no score."""
    at = moment(given.time_ns, *bounds)
    metric = clean_name(str(first_of(given.attributes, names.EVALUATION_NAME) or ""), MODEL_LENGTH)
    if not metric:
        raise Refused("bad_name")
    evaluator, version = (clean_name(text, MODEL_LENGTH) for text in (given.evaluator, given.version))
    response = first_of(given.attributes, names.RESPONSE_ID)
    parent = key_of(given.trace_id, given.span_id)
    about = (given.trace_id.hex(), given.span_id.hex(), response, given.time_ns)
    return SpanFact(
        key=row_key("evaluation", (*about, metric, evaluator, version)),
        parent=parent,
        kind=SpanKind.EVALUATION,
        claims=claims(resolver, given.attributes, given.resource),
        scope=0,
        start_ns=given.time_ns,
        end_ns=min(given.time_ns, _MOST_NS),
        response=response_number(str(response).encode()) if parent is None and response is not None else None,
        score=Evaluation(metric, evaluator, version, _score(given), at),
    )


def _score(given: GivenEvaluation) -> Decimal:
    value = first_of(given.attributes, names.EVALUATION_SCORE)
    if value is None:
        found = _LABELS.get(str(first_of(given.attributes, names.EVALUATION_LABEL)).lower())
        if found is None:
            raise Refused("no_score")
        return found
    # To Python a truth value is a number.
    number = Decimal("nan") if isinstance(value, bool) or not isinstance(value, int | float) else Decimal(str(value))
    if not number.is_finite() or abs(number) > _MOST_SCORE:
        raise Refused("bad_number")
    return number.quantize(_DIGITS)


def key_of(trace_id: bytes, span_id: bytes) -> bytes | None:
    """The key of a span, None where its ids are not valid."""
    if len(trace_id) != len(_NO_TRACE) or len(span_id) != len(_NO_SPAN):
        return None
    return None if trace_id == _NO_TRACE or span_id == _NO_SPAN else span_key(trace_id, span_id)


def moment(time_ns: int, oldest: datetime | None, newest: datetime) -> datetime:
    """The instant, within bounds; Refused where there is none, or it is outside them."""
    if not time_ns:
        raise Refused("bad_time")
    seconds, nanoseconds = divmod(time_ns, 10**9)
    at = second_of(seconds) + timedelta(microseconds=nanoseconds // 1000)
    if at > newest:
        raise Refused("future")
    if oldest is not None and at < oldest:
        raise Refused("late")
    return at


@lru_cache(maxsize=1_024)
def second_of(seconds: int) -> datetime:
    """The instant so many seconds after 1970."""
    return datetime.fromtimestamp(seconds, UTC)
