"""Coverage-guided fuzzing (atheris) of what reads foreign bytes: OTLP bodies and files.

    python -m tests.fuzz.guided otlp|files [-runs=100000] [libFuzzer's options]

atheris is installed beside the project by `make atheris`. A parser may refuse; any other exception is a find.
"""

import json
import os
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
_KEPT = tempfile.TemporaryDirectory(prefix="offramp-fuzz-")
FOLDER = Path(_KEPT.name)


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


def _seeds(name: str) -> Path:
    """A folder of real bodies to begin with, each behind the byte that chooses how it is read."""
    folder = FOLDER / "seeds"
    folder.mkdir()
    for path in sorted((Path(__file__).parent.parent / "data" / "otlp").iterdir()):
        if name == "otlp" and path.suffix in {".gz", ".json", ".pb"}:
            first = (1 if path.suffix == ".json" else 0) + (64 if path.suffix == ".gz" else 0)
            (folder / path.name).write_bytes(bytes([first]) + path.read_bytes())
    row = {"timestamp": "2026-11-20T10:00:00Z", "model": "gpt-4.1", "input_tokens": 3, "output_tokens": 1}
    texts = {0: ",".join(row) + "\n" + ",".join(map(str, row.values())) + "\n", 1: json.dumps(row) + "\n"}
    for first, text in texts.items() if name == "files" else ():
        (folder / str(first)).write_bytes(bytes([first]) + text.encode())
    return folder


if __name__ == "__main__":
    wanted = sys.argv.pop(1)
    target = {"otlp": otlp, "files": files}[wanted]
    sys.argv.append(str(_seeds(wanted)))
    atheris.Setup(sys.argv, target)
    # libFuzzer leaves by exit(3), past what Python would tidy up.
    if (child := os.fork()) == 0:
        atheris.Fuzz()
        os._exit(0)
    try:
        _, status = os.waitpid(child, 0)
    finally:
        _KEPT.cleanup()
    sys.exit(os.waitstatus_to_exitcode(status))
