"""Coverage-guided fuzzing (atheris) of what reads foreign bytes: OTLP bodies and files.

    python -m tests.fuzz.guided otlp|files [-runs=100000] [libFuzzer's options]

atheris is installed beside the project by `make atheris`. A parser may refuse; any other exception is a find.
"""

import sys
import tempfile
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import atheris  # type: ignore[import-untyped, unused-ignore]  # it is in an environment of its own

with atheris.instrument_imports(include=["collectors", "strategy"]):
    from collectors.otlp_errors import BodyError
    from collectors.rejected import SourceError
    from collectors.resolver import resolver_for
    from offramp.actions.ingest import Sent, read_body
    from tests.fuzz.files import read_file

AT = datetime(2026, 11, 22, 10, tzinfo=UTC)
RULES = resolver_for([])
KINDS = ("application/x-protobuf", "application/json")
SIGNALS = ("traces", "metrics", "logs")
ENDINGS = (".csv", ".jsonl", ".json", ".csv.gz", ".parquet", ".eval")
FOLDER = Path(tempfile.mkdtemp(prefix="offramp-fuzz-"))


def otlp(data: bytes) -> None:
    """One body: its first byte chooses signal, type and encoding."""
    chosen, body = (data[0], data[1:]) if data else (0, b"")
    kind, signal = KINDS[chosen % 2], SIGNALS[chosen // 2 % 3]
    encoding = "gzip" if chosen & 64 else None
    with suppress(BodyError):
        sent = Sent(signal, body, kind, encoding)
        read_body(sent, rules=RULES, at=AT, late_window=timedelta(hours=24))


def files(data: bytes) -> None:
    """One file: its first byte chooses the ending."""
    chosen, body = (data[0], data[1:]) if data else (0, b"")
    file = FOLDER / f"fuzzed{ENDINGS[chosen % len(ENDINGS)]}"
    file.write_bytes(body)
    with suppress(SourceError):
        read_file(file)


if __name__ == "__main__":
    target = {"otlp": otlp, "files": files}[sys.argv.pop(1)]
    atheris.Setup(sys.argv, target)
    atheris.Fuzz()
