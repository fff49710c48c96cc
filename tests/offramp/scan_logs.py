"""Call logs as people have them, for the tests of the scan: a month of three features, one of them hostile."""

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

PRIVATE = "the customer's own words"
HOSTILE = "<script>alert(1)</script>\"' onload=x & {{ 7*7 }}"
START = datetime(2026, 10, 20, 8, tzinfo=UTC)
DAYS = 30
HEADER = (
    "timestamp",
    "feature",
    "provider",
    "model",
    "input_tokens",
    "cached_input_tokens",
    "output_tokens",
    "latency_ms",
    "error",
    "calls",
    "prompt",
)


def write_log(path: Path, *, wrong_rows: int = 0) -> Path:
    """A month of calls: labels, long answers, an unknown model under a hostile name, and calls of nobody."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for day in range(DAYS):
            for hour in range(10):
                at = (START + timedelta(days=day, hours=hour)).isoformat()
                failed = int(hour == 0)
                writer.writerow(
                    (at, "triage", "openai", "gpt-5.6-luna", 900, 300, 6 + hour % 2, 800, failed, 1, PRIVATE)
                )
                writer.writerow(
                    (at, "summary", "openai", "gpt-5.6-terra", 4000, 0, 400 + 9 * hour, 4200, 0, 1, PRIVATE)
                )
                writer.writerow((at, HOSTILE, "acme", "no-such-model", 10, 0, 5, "", 0, 20, PRIVATE))
                writer.writerow((at, "", "openai", "gpt-5.6-luna", 100, 0, 10, "", 0, 3, PRIVATE))
        for _ in range(wrong_rows):
            writer.writerow(("yesterday", "triage", "openai", "gpt-5.6-luna", 1, 0, 1, "", 0, 1, PRIVATE))
    return path
