"""Reads a file of any kind to its end, as loading it would."""

from pathlib import Path

from collectors.files import detect_kind, read_bills, read_calls, read_scores


def read_file(path: Path) -> int:
    """How many rows it holds, good and refused.

    Raises:
        collectors.rejected.SourceError: the file cannot be read.
    """
    kind = detect_kind(path)
    if kind == "calls":
        return sum(1 for _ in read_calls(path))
    if kind == "evals":
        return sum(1 for _ in read_scores(path))
    return sum(1 for _ in read_bills(path, kind))
