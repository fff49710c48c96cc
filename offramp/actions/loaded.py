"""What became of a file that was loaded, and the run that remembers it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from collectors.rejected import Rejected
from db.session import Engine, transaction
from db.store.runs import RunCounts, record_run
from db.store.usage import record_intake
from offramp.actions.ended import resume_words
from reports.words import count

# All are counted; this many are told in full, so that a wrong file of any size fits in memory.
MOST_TOLD = 10_000
_MOST_WARNED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What became of one file; `rejected` tells the first rejected rows in full, `rejected_rows` counts all.

    `layout` names another tool's layout; `meant` are options that would rename those of `ignored_columns` which seem to
    be ours. `unregistered` tells, by slug, how many calls (or scores) name a feature that nobody registered, `ended`
    one that is no more, `unattributed` how many calls name none. They count all the same. `uncosted` tells, by model,
    how many told no cost of their own; `unpriced`, those of them whose model has no price (`with_unpriced`).
    `replaced` says what a bill no longer tells of that the one before it told.
    """

    path: Path
    kind: str
    layout: str | None
    accepted: int
    duplicates: int
    rejected_rows: int
    rejected: tuple[Rejected, ...]
    ignored_columns: tuple[str, ...]
    meant: str = ""
    unregistered: Mapping[str, int]
    ended: Mapping[str, int] = field(default_factory=dict)
    replaced: str = ""
    unattributed: int = 0
    uncosted: Mapping[str, int] = field(default_factory=dict)
    unpriced: Mapping[str, int] = field(default_factory=dict)

    def warnings(self) -> list[str]:
        """What is no error, and yet not as it should be, each with its cure."""
        what = "call" if self.kind == "calls" else "score"
        named = sorted(self.unregistered.items(), key=lambda item: (-item[1], item[0]))
        told = [
            f"{count(rows, what)} of feature '{slug}' that nobody registered: register it with"
            f" `offramp register`, or correct the name"
            for slug, rows in named[:_MOST_WARNED]
        ]
        if rest := named[_MOST_WARNED:]:
            several = f"{count(sum(rows for _, rows in rest), what)} of {count(len(rest), 'feature')}"
            told.append(f"{several} more that nobody registered: see `offramp features`")
        told += [
            f"{count(rows, what)} of feature '{slug}', which ended: where it runs, {resume_words(slug)}"
            for slug, rows in list(self.ended.items())[:_MOST_WARNED]
        ]
        if not (self.accepted or self.duplicates or self.rejected_rows):
            told.append(
                f"nothing in it says anything of {self.kind}: docs/collect.md tells what each kind of file holds"
                if self.layout
                else "it holds no row: where there should be some, export it again"
            )
        if self.replaced:
            told.append(self.replaced)
        if self.unattributed:
            told.append(
                f"{count(self.unattributed, 'call')} of no feature: add the column feature, or say --set feature=NAME"
            )
        if self.unpriced:
            told.append(
                f"{count(sum(self.unpriced.values()), 'call')} without a price, cost not known (such as"
                f" {', '.join(sorted(self.unpriced)[:_MOST_WARNED])}): docs/prices.md tells how a price gets in"
            )
        return told

    def document(self) -> dict[str, object]:
        """For `--json`."""
        return {
            "file": self.path.name,
            "kind": self.kind,
            "layout": self.layout,
            "accepted": self.accepted,
            "duplicates": self.duplicates,
            "rejected": self.rejected_rows,
            "unattributed_calls": self.unattributed,
            "unpriced_calls": sum(self.unpriced.values()),
            "ignored_columns": list(self.ignored_columns),
            "warnings": self.warnings(),
            "errors": [
                {"error": item.error, "row": item.row, "field": item.field, "cure": item.cure} for item in self.rejected
            ],
        }


def remember(engine: Engine, name: str, at: datetime, counts: RunCounts) -> None:
    """Keep the run of one file, with what it took in and refused."""
    some = counts.accepted or counts.duplicates
    outcome = "ok" if not counts.rejected else ("partial" if some else "failed")
    with transaction(engine) as session:
        record_intake(session, "file", {"rejected": counts.rejected}, at)
        message = f"{count(counts.rejected, 'row')} rejected" if counts.rejected else ""
        record_run(
            session, f"file {name}", started_at=at, finished_at=at, outcome=outcome, counts=counts, message=message
        )
