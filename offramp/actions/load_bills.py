"""Loads bills: one is one piece, also in several files, whose sums are written together or not at all."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from collectors.files import FileReading
from collectors.rejected import Rejected
from db.session import Engine, reading, transaction
from db.store.bills import BillSums, RecordedBills, record_bills
from db.store.runs import RunCounts
from offramp.actions.load_options import LoadOptions
from offramp.actions.loaded import MOST_TOLD, Loaded, remember
from reports.words import count, usd
from strategy.facts import Billed

BillFile = tuple[FileReading[Billed], LoadOptions]


def load_bills(engine: Engine, files: Sequence[BillFile], at: datetime) -> list[Loaded]:
    """What became of each of the files, which are one bill; the first says whether it is a dry run.

    Raises:
        SourceError: one of them breaks off; nothing was written.
    """
    sums, dry_run = BillSums(), files[0][1].dry_run
    read = [_read(source, options, sums) for source, options in files]
    with reading(engine) if dry_run else transaction(engine) as session:
        recorded = record_bills(session, sums, at, dry_run=dry_run)
    done = list[Loaded]()
    for (source, _), (lines, bad) in zip(files, read, strict=True):
        accepted = sum(lines[slot] for slot in recorded.changed)
        counts = RunCounts(accepted=accepted, duplicates=sum(lines.values()) - accepted, rejected=len(bad))
        if not dry_run:
            remember(engine, source.path.name, at, counts)
        loaded = Loaded(
            path=source.path,
            kind=source.kind,
            layout=source.layout,
            accepted=counts.accepted,
            duplicates=counts.duplicates,
            rejected_rows=len(bad),
            rejected=tuple(bad[:MOST_TOLD]),
            ignored_columns=tuple(source.extra_columns),
            unregistered={},
            # It is said once, of the whole.
            replaced="" if done else _replaced(recorded),
        )
        done.append(loaded)
    return done


def _read(source: FileReading[Billed], options: LoadOptions, sums: BillSums) -> tuple[Counter[str], list[Rejected]]:
    lines, bad = Counter[str](), list[Rejected]()
    for line in source:
        if isinstance(line, Rejected):
            bad.append(line)
        else:
            sums.add([line])
            lines[line.slot] += 1
    if bad and options.refused:
        options.refused(bad)
    return lines, bad


def _replaced(recorded: RecordedBills) -> str:
    """What was billed before and is not in this bill, which usually is a part and not a correction."""
    if not recorded.gone_lines:
        return ""
    return (
        f"it replaces a bill of {usd(recorded.before_usd)} by one of {usd(recorded.after_usd)}, without"
        f" {count(recorded.gone_lines, 'sum')} that stood in it: parts of one bill are loaded at once, with --parts"
    )
