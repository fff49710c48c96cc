"""What a fault did to what was promised: one row of the scoreboard."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.faults.receivers import Found


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """`done` says how often and what; `wrong` counts what else must not have happened, `also` tells of the rest."""

    fault: str
    database: str
    done: str
    acknowledged: int = 0
    lost: int = 0
    doubled: int = 0
    wrong: int = 0
    also: str = ""
    control: bool = False

    def right(self) -> bool:
        """Whether the promise held; a negative control must break it, or the harness could not have seen anything."""
        broken = bool(self.lost or self.doubled or self.wrong)
        return broken if self.control else not broken


def of_found(fault: str, found: Found, done: str, *, also: str = "", wrong: int = 0) -> Outcome:
    """The row of a run in which clients sent while something broke."""
    return Outcome(
        fault=fault,
        database=found.database.partition("+")[0],
        done=done,
        acknowledged=found.acknowledged,
        lost=found.lost,
        doubled=found.doubled,
        wrong=wrong + found.elsewhere + abs(found.wrong_tokens),
        also=also or f"{found.sent_again} records sent again",
    )


def fuzzed_row(where: str, found: Mapping[str, Any]) -> Outcome:
    """The row of what a fuzzer found: its bodies, its answers, and the memory, by bodies sent where that is known."""
    held = [f"{megabytes} MB after {int(bodies):,}" for bodies, megabytes in found.get("memory_mb", {}).items()]
    peak = f"peak {found.get('peak_memory_mb', '?')} MB" + ("" if held else " with the generator")
    also = "; ".join((f"{found['5xx']} answered 5xx", f"slowest {found.get('slowest_ms', '?')} ms", peak, *held))
    done = f"{found['bodies']:,} bodies"
    return Outcome(fault=f"corrupted bodies, {where}", database="sqlite", done=done, wrong=found["5xx"], also=also)
