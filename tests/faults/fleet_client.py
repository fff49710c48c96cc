"""A client that sends at a steady rate whatever happens to those it sends to, and knows what was acknowledged."""

import random
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.offramp.spans import PROTOBUF

_FEATURES, _MODELS = 50, ("gpt-5.6-luna", "gpt-4o-mini", "gpt-4.1")
_BATCH, _MOST_PENDING = 25, 2_000


@dataclass
class Client:
    """Sends its own numbers, in pieces, until each is acknowledged; some of it twice.

    `rate` is in calls a second. What could not be sent waits, up to a bound: after a stall no flood follows, and
    nothing waits so long that the span it belongs to is forgotten meanwhile.
    """

    ports: Sequence[int]
    seed: int
    began: datetime
    rate: float
    stopped: threading.Event
    acked: list[int] = field(default_factory=list)
    pending: list[int] = field(default_factory=list)
    requests: int = 0
    refused: int = 0

    def run(self) -> None:
        """Send until told to stop, then what is left."""
        dice = random.Random(self.seed)  # noqa: S311 (a repeatable course of events, no secret)
        number, started = 0, time.monotonic()
        while self.pending or not self.stopped.is_set():
            due = self.rate * (time.monotonic() - started)
            if not self.stopped.is_set() and number < due and len(self.pending) < _MOST_PENDING:
                fresh = range(number + 1, number + _BATCH + 1)
                self.pending += [sign * (self.seed * 100_000_000 + one) for one in fresh for sign in (1, -1)]
                number += _BATCH
            if self.pending:
                self._one_request(dice)
            else:
                time.sleep(0.02)

    def _one_request(self, dice: random.Random) -> None:
        dice.shuffle(self.pending)
        batch = self.pending[: dice.randint(1, 8 * _BATCH)]
        again = dice.choices(self.acked, k=5) if self.acked and dice.random() < 0.1 else []
        if self._sent([*batch, *again], dice.choice(self.ports)):
            self.acked += batch
            self.pending = self.pending[len(batch) :]

    def _sent(self, numbers: list[int], port: int) -> bool:
        self.requests += 1
        url = f"http://127.0.0.1:{port}/v1/traces"
        try:
            answer = httpx.post(url, content=body(numbers, self.began), headers=PROTOBUF, timeout=30)
        except httpx.HTTPError:
            answer = None
        if answer is not None and answer.status_code == 200 and not answer.content:
            return True
        self.refused += 1
        time.sleep(0.1)
        return False


def body(numbers: Sequence[int], began: datetime) -> bytes:
    """Call n, or the span around it as -n, which names its feature; each number is always the same call."""
    request = ExportTraceServiceRequest()
    spans = request.resource_spans.add().scope_spans.add().spans
    for number in numbers:
        call = abs(number)
        ended = int((began - timedelta(hours=call % 20)).timestamp()) * 10**9
        own, outer = call.to_bytes(8, "big"), b"p" + call.to_bytes(7, "big")
        span = spans.add(trace_id=call.to_bytes(16, "big"), span_id=own if number > 0 else outer)
        span.start_time_unix_nano, span.end_time_unix_nano = ended - (1 + call % 977) * 10**6, ended
        if number < 0:
            span.attributes.add(key="feature").value.string_value = f"feature-{call % _FEATURES}"
            continue
        span.parent_span_id = outer
        model = _MODELS[call % len(_MODELS)]
        texts = {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": model}
        for key, text in texts.items():
            span.attributes.add(key=key).value.string_value = text
        span.attributes.add(key="gen_ai.usage.input_tokens").value.int_value = 100 + call % 9_973
        span.attributes.add(key="gen_ai.usage.output_tokens").value.int_value = 1 + call % 331
    return request.SerializeToString()
