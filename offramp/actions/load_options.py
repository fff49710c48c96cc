"""How files are loaded."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from collectors.bulk_calls import MOST_ROWS
from collectors.files import Kind
from collectors.rejected import Rejected

Progress = Callable[[int], None]
Refused = Callable[[Sequence[Rejected]], None]

# Below this the row parser alone is quick enough, and needs no second reading.
_BULK_BYTES = 4 * 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadOptions:
    """How files are loaded: `set_columns` fills absent columns, `renamed` are columns of ours by the files' own names.

    `zone` is the name of the zone of times that say none.

    `progress` is told the rows read so far.
    `read` hears what share of a file is read where that is known: of a file that is summed as a whole.
    `refused` is handed every rejected row, also those that are too many to be told in full. A file of calls from
    `bulk_bytes` on is summed as a whole where its rows are plain, in parts of at most about `bulk_rows`.
    """

    kind: Kind | Literal["auto"] = "auto"
    set_columns: Mapping[str, str] = field(default_factory=dict)
    renamed: Mapping[str, str] = field(default_factory=dict)
    zone: str | None = None
    dry_run: bool = False
    progress: Progress | None = None
    read: Callable[[float], None] | None = None
    refused: Refused | None = None
    bulk_bytes: int = _BULK_BYTES
    bulk_rows: int = MOST_ROWS
