"""Throws mutated bodies at the three OTLP paths and counts what is answered: never 5xx, memory bounded.

    python -m tests.fuzz.bodies [--n 100000] [--seed 1] [--direct]

The bodies of real clients, cut, spliced and flipped; JSON with values that do not belong (2^63, NaN, year 9999, half
surrogates, 100 kB names, deep nesting); gzip bombs and broken gzip. Each goes through the whole application, from the
ASGI door to a SQLite file, in this process: the memory measured is the receiver's and the generator's together. With
--direct the door is left out: the bodies go where it would have taken them, and are answered as it would.
"""

import argparse
import asyncio
import gzip
import json
import random
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import lru_cache
from itertools import islice
from pathlib import Path

import httpx
from starlette.applications import Starlette

from db.migrate import upgrade
from db.session import make_engine
from offramp import clock
from offramp.actions.ingest import Sent
from offramp.actions.receive import receive_all
from offramp.serve.http import routes
from offramp.serve.service import Service, status_of

Body = tuple[str, bytes, dict[str, str]]
_TOGETHER = 16
OWN = Path(__file__).parent.parent / "data" / "otlp"
PATHS = ("/v1/traces", "/v1/traces", "/v1/metrics", "/v1/logs")
ODD: tuple[object, ...] = (
    *(2**63, 2**64, -(2**63), -1, 10**400, 1e308, True, None, "NaN", "Infinity", "1e999", "", "\x00", "\ud800"),
    *("x" * 100_000, "\u202e" * 50, [], {}, [[]], 253402300799 * 10**9, "253402300799000000000", 1.5, "0x10"),
)
KEYS = (
    *("gen_ai.operation.name", "gen_ai.usage.input_tokens", "gen_ai.usage.cost", "gen_ai.response.id", "feature"),
    *("gen_ai.token.type", "gen_ai.evaluation.name", "gen_ai.evaluation.score.value", "metadata", "service.name"),
    *("langfuse.observation.usage_details", "llm.invocation_parameters", "langfuse.trace.tags", "error.type"),
)
BOMBS = (b"\x00", b"[", b" ", b"\x0a\x00")
NAMES = ("gen_ai.client.token.usage", "gen_ai.client.operation.duration", "gen_ai.evaluation.result", "chat", "")


def main() -> None:
    """Send them all, print the figures, end with an error where an answer was 5xx."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--n", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--direct", action="store_true")
    given = parser.parse_args()
    found = fuzz_directly(given.n, given.seed) if given.direct else asyncio.run(fuzz(given.n, given.seed))
    print(json.dumps(found))  # noqa: T201 (a program prints its findings)


async def fuzz(number: int, seed: int) -> dict[str, object]:
    """Send so many bodies, sixteen at a time; the answers by status, the slowest sixteen, and the peak memory.

    Raises:
        AssertionError: an answer was 5xx.
    """
    answers: Counter[int] = Counter()
    slowest = 0.0
    with _service() as service:
        transport = httpx.ASGITransport(Starlette(routes=routes(service)))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            for some in groups_of(_TOGETHER, bodies(number, seed)):
                began = time.monotonic()
                sent = (client.post(path, content=body, headers=headers) for path, body, headers in some)
                for answer in await asyncio.gather(*sent):
                    answers[answer.status_code] += 1
                    assert answer.status_code < 500, f"body {answers.total()} of seed {seed}: {answer.text[:200]}"
                slowest = max(slowest, time.monotonic() - began)
    return _figures(answers, slowest)


def fuzz_directly(number: int, seed: int) -> dict[str, object]:
    """The same without HTTP, in groups as bodies that wait are taken; `slowest_ms` is of a group.

    Raises:
        AssertionError: an answer would have been 5xx.
    """
    answers: Counter[int] = Counter()
    slowest = 0.0
    with _service() as service:
        for some in groups_of(_TOGETHER, bodies(number, seed)):
            at = service.now()
            given = [
                (Sent(path.rpartition("/")[2], body, headers.get("content-type"), headers.get("content-encoding")), at)
                for path, body, headers in some
            ]
            began = time.monotonic()
            outcomes = receive_all(service.engine, None, given, late_window=service.late_window)
            slowest = max(slowest, time.monotonic() - began)
            for outcome in outcomes:
                status = status_of(outcome, "fuzz")[0] if isinstance(outcome, Exception) else 200
                answers[status] += 1
                assert status < 500, f"body {answers.total()} of seed {seed}: {outcome!r}"
    return _figures(answers, slowest)


def groups_of(most: int, items: Iterable[Body]) -> Iterator[list[Body]]:
    """The items in lists of `most`, the last one shorter."""
    rest = iter(items)
    while some := list(islice(rest, most)):
        yield some


def bodies(number: int, seed: int) -> Iterator[Body]:
    """So many paths, bodies and headers; the same ones for the same seed."""
    dice = random.Random(seed)  # noqa: S311 (a repeatable course of events, no secret)
    seeds = [gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw for raw in _files()]
    for _ in range(number):
        body, headers = _body(dice, seeds)
        yield dice.choice(PATHS), body, headers


@contextmanager
def _service() -> Iterator[Service]:
    with tempfile.TemporaryDirectory() as folder:
        engine = make_engine(f"sqlite:///{folder}/fuzz.db")
        upgrade(engine)
        yield Service(engine=engine, now=clock.now, late_window=timedelta(days=3650))
        engine.dispose()


def _figures(answers: Counter[int], slowest: float) -> dict[str, object]:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "bodies": answers.total(),
        "answers": dict(sorted(answers.items())),
        "5xx": sum(count for status, count in answers.items() if status >= 500),
        "slowest_ms": round(slowest * 1000),
        "peak_memory_mb": round(peak / 1000),
    }


def _files() -> list[bytes]:
    return [path.read_bytes() for path in sorted(OWN.iterdir()) if path.suffix in {".gz", ".json", ".pb"}]


def _body(dice: random.Random, seeds: list[bytes]) -> tuple[bytes, dict[str, str]]:
    kind = dice.choice(("application/x-protobuf", "application/json"))
    made = _document(dice) if kind.endswith("json") and dice.random() < 0.7 else _mutated(dice, seeds)
    headers = {"content-type": kind if dice.random() < 0.98 else dice.choice(("text/plain", "", "application/grpc"))}
    if dice.random() < 0.3:
        headers["content-encoding"] = dice.choice(("gzip", "gzip", "gzip", "br", "identity"))
        made = gzip.compress(made, 1) if dice.random() < 0.9 else made
    if dice.random() < 0.001:
        headers["content-encoding"] = "gzip"
        # Two that are walked for a second before they are refused come less often than those known at once.
        made = _bomb(dice.choice(BOMBS if dice.random() < 0.05 else BOMBS[:2]))
    return made, headers


@lru_cache(maxsize=len(BOMBS))
def _bomb(of: bytes) -> bytes:
    """Just below the limit once it is unpacked; packed once, for packing takes longer than refusing."""
    return gzip.compress(of * (66_000_000 // len(of)), 1)


def _mutated(dice: random.Random, seeds: list[bytes]) -> bytes:
    body = bytearray(dice.choice(seeds))
    for _ in range(dice.choice((0, 1, 1, 3, 20))):
        where = dice.randrange(len(body) + 1)
        match dice.randrange(4):
            case 0:
                del body[where:]
            case 1:
                body[where : where + dice.randrange(40)] = dice.randbytes(dice.randrange(40))
            case 2:
                other = dice.choice(seeds)
                body[where:where] = other[dice.randrange(len(other)) :][: dice.randrange(2000)]
            case _ if body:
                body[where % len(body)] ^= 1 << dice.randrange(8)
            case _:
                pass
    return bytes(body)


def _document(dice: random.Random) -> bytes:
    signal = dice.choice((("resourceSpans", "scopeSpans", "spans"), ("resourceMetrics", "scopeMetrics", "metrics"),
                          ("resourceLogs", "scopeLogs", "logRecords")))  # fmt: skip # a table
    items = [_item(dice) for _ in range(dice.randrange(4))]
    document = {signal[0]: [{"resource": {"attributes": _pairs(dice)}, signal[1]: [{signal[2]: items}]}]}
    text = json.dumps(document)
    if dice.random() < 0.05:
        text = text.replace("{}", '{"a":' * 500 + "1" + "}" * 500)
    return text.encode("utf-8", "surrogatepass" if dice.random() < 0.1 else "replace")


def _item(dice: random.Random) -> dict[str, object]:
    now = int(clock.now().timestamp()) * 10**9

    def value(usual: object) -> object:
        return usual if dice.random() < 0.8 else dice.choice(ODD)

    point = {"startTimeUnixNano": value(str(now - 10**9)), "timeUnixNano": value(str(now)), "count": value(3),
             "sum": value(30.0), "asInt": value("3"), "attributes": _pairs(dice)}  # fmt: skip # a table
    return {
        "traceId": value(f"{dice.randrange(1, 50):032x}"),
        "spanId": value(f"{dice.randrange(1, 50):016x}"),
        "parentSpanId": value(f"{dice.randrange(1, 50):016x}"),
        "name": value(dice.choice(NAMES)),
        "eventName": value(dice.choice(NAMES)),
        "startTimeUnixNano": value(now - 10**9),
        "endTimeUnixNano": value(str(now)),
        "timeUnixNano": value(str(now)),
        "status": value({"code": 2}),
        "events": value([{"name": "gen_ai.evaluation.result", "attributes": _pairs(dice)}]),
        "attributes": value(_pairs(dice)),
        dice.choice(("histogram", "sum", "exponentialHistogram")): value(
            {"aggregationTemporality": value(dice.choice((1, 2))), "dataPoints": value([point])}
        ),
    }


def _pairs(dice: random.Random) -> list[dict[str, object]]:
    kinds = ("stringValue", "intValue", "doubleValue", "boolValue", "arrayValue", "kvlistValue")
    usual: tuple[object, ...] = ("chat", "5", 5, 0.5, "input", "triage", '{"feature": "x"}')
    some: list[dict[str, object]] = [{"key": "gen_ai.operation.name", "value": {"stringValue": "chat"}}]
    return some + [
        {"key": dice.choice(KEYS), "value": {dice.choice(kinds): dice.choice(usual if dice.random() < 0.7 else ODD)}}
        for _ in range(dice.randrange(5))
    ]


if __name__ == "__main__":
    main()
