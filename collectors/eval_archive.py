"""Inspect's `.eval` archives: a ZIP whose header holds the results; newer ones are packed with zstd (method 93)."""

import json
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import zstandard

from collectors.raw_rows import RawRow
from collectors.rejected import Rejected, SourceError

_HEADER = "header.json"
_REDUCTIONS = "reductions.json"
_MOST_BYTES = 64 * 2**20
_ZSTD = 93
_LOCAL_HEADER = 30
_CURE = "export it again, or convert it with `inspect log convert --to json`"


def archive_rows(path: Path) -> Iterator[RawRow | Rejected]:
    """One row: the log's header with its reductions; without a header the run has not ended."""
    try:
        with zipfile.ZipFile(path) as archive, path.open("rb") as raw:
            names = set(archive.namelist())
            if _HEADER not in names:
                yield Rejected(
                    1, "status", "is not there: the log has no header, so the eval did not end", "run it to its end"
                )
                return
            log = _member(archive, raw, _HEADER)
            reductions = _member(archive, raw, _REDUCTIONS) if _REDUCTIONS in names else []
    except (zipfile.BadZipFile, zlib.error, zstandard.ZstdError, NotImplementedError, OSError, ValueError):
        raise SourceError(f"{path.name} is not a readable eval archive", cure=_CURE) from None
    if not isinstance(log, dict):
        raise SourceError(f"{path.name} has a header that is no JSON object", cure=_CURE)
    yield RawRow(1, {"reductions": reductions, **log})


def _member(archive: zipfile.ZipFile, raw: IO[bytes], name: str) -> object:
    info = archive.getinfo(name)
    if info.file_size > _MOST_BYTES:
        raise SourceError(f"{name} of the archive has more than 64 MiB", cure=_CURE)
    if info.compress_type != _ZSTD:
        with archive.open(info) as file:
            return json.loads(file.read(_MOST_BYTES))
    # Python unpacks this method from 3.14 on; the packed bytes stand behind the member's local header.
    raw.seek(info.header_offset)
    local = raw.read(_LOCAL_HEADER)
    raw.seek(int.from_bytes(local[26:28], "little") + int.from_bytes(local[28:30], "little"), 1)
    packed = raw.read(info.compress_size)
    with zstandard.ZstdDecompressor().stream_reader(packed) as reader:
        text = reader.read(info.file_size)
    if zlib.crc32(text) != info.CRC:
        raise zipfile.BadZipFile(name)
    return json.loads(text)
