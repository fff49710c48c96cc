"""Files of calls and scores as `offramp load` reads them: CSV, JSONL, JSON and Parquet, each also gzipped.

What a file is, its first bytes say, not its name; its columns say whether they are ours or another tool's
(collectors/layouts). Rows stream: memory does not grow with the file, but for the 60 bytes a row without `call_id`
leaves behind. Row 1 is the first row of data.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Generic, Literal, TypeVar
from zoneinfo import ZoneInfo

from collectors.bill_rows import FOCUS_COLUMNS, INVOICE_COLUMNS, ai_rows, parse_focus, parse_invoice
from collectors.call_rows import CALL_COLUMNS, parse_call
from collectors.eval_rows import EVAL_COLUMNS, parse_score
from collectors.layouts.layout import Layout
from collectors.nested_cells import names_in
from collectors.occurrences import Occurrences
from collectors.other_names import misspelt, rename_cure
from collectors.raw_rows import RawRow
from collectors.rejected import REASON_COLUMNS, Rejected, SourceError
from collectors.renames import checked_renames, option
from collectors.row_values import NO_ZONE, harmless
from collectors.tables import Table
from collectors.zones import in_zone
from strategy.facts import Billed, Call, Score

Kind = Literal["calls", "evals", "invoice", "focus"]
SOURCE = "file"

_T = TypeVar("_T")
_MOST_NAMED = 50
_CALL_SIZES = ("input_tokens", "output_tokens", "cost_usd")
_CALL_MARKS = {"model", "input_tokens", "output_tokens", "cost_usd", "call_id", "latency_ms"}

_COLUMNS: dict[Kind, Sequence[str]] = {
    "calls": CALL_COLUMNS,
    "evals": EVAL_COLUMNS,
    "invoice": INVOICE_COLUMNS,
    "focus": FOCUS_COLUMNS,
}

TIME = "timestamp"
_SIGNALS = ("spans", "metrics", "logs")  # in OTLP/JSON each stands after `resource`


@dataclass(kw_only=True)
class FileReading(Generic[_T]):
    """The rows of one file, read while iterated, each a value or a Rejected; SourceError where the file breaks off.

    `layout` names another tool's layout, None for our own; `meant` are the options that would rename what seems to be
    one of our columns under another name. `zone` is that of times which say none. `extra_columns` are the columns that
    nothing reads (for JSON: complete once all rows were read, at most 50).
    """

    path: Path
    kind: Kind
    rows: Callable[[], Iterator[RawRow | Rejected]]
    parse: Callable[[Mapping[str, object], int, Occurrences], _T | Rejected]
    known_columns: Sequence[str]
    set_columns: Mapping[str, str]
    renamed: Mapping[str, str]
    layout: str | None = None
    meant: str = ""
    newest: datetime | None = None
    zone: ZoneInfo | None = None
    extra_columns: list[str] = field(default_factory=list)

    def __iter__(self) -> Iterator[_T | Rejected]:
        """Each row once; iterating again reads the file again, with the same keys."""
        seen = Occurrences()
        for row in self.rows():
            if isinstance(row, Rejected):
                yield row
                continue
            if self.layout is None:
                self.note_columns(row.cells)
                cells = {**self.set_columns, **row.cells}
            else:
                cells = {**self.set_columns, **{name: cell for name, cell in row.cells.items() if cell is not None}}
            if self.zone is not None and TIME in cells:
                cells[TIME] = in_zone(cells[TIME], self.zone)
            found = self.parse(cells, row.number, seen)
            yield self._told(found, cells) if isinstance(found, Rejected) else found

    def _told(self, found: Rejected, cells: Mapping[str, object]) -> Rejected:
        """A refused row with what it holds; where its cell stands there under another name, renaming is the cure."""
        meant = (
            rename_cure(names_in(cells), self.known_columns, [found.field])
            if self.layout is None and found.field not in cells
            else ""
        )
        if found.field == TIME and found.error == NO_ZONE:
            meant = "where all are of one zone say it: --zone UTC, or one such as --zone Europe/Berlin"
        return replace(found, cure=meant or found.cure, cells=self._shown(cells))

    def _shown(self, cells: Mapping[str, object]) -> dict[str, str]:
        """A refused row as it may be written to a file: columns that are known, values that cannot be a text."""
        return {name: harmless(cells[name]) for name in self.known_columns if name in cells}

    def note_columns(self, names: Mapping[str, object] | Sequence[str]) -> None:
        """Remember the columns that nothing reads, once; those that we wrote ourselves are nobody's loss."""
        passed = (*self.known_columns, *(REASON_COLUMNS if REASON_COLUMNS[0] in names else ()))
        for name in names:
            if name not in passed and name not in self.extra_columns and len(self.extra_columns) < _MOST_NAMED:
                self.extra_columns.append(name)


def detect_kind(path: Path | str, *, renamed: Mapping[str, str] | None = None) -> Kind:
    """What a file holds, by its column names as they are `renamed`; SourceError where they are nobody's."""
    path = Path(path)
    if path.suffix.lower() in {".yaml", ".yml"}:
        raise SourceError(
            f"{path.name} is YAML, no file of calls", cure=f"features are read by `offramp register {path}`"
        )
    checked_renames(renamed or {}, tuple(dict.fromkeys(chain(*_COLUMNS.values()))), {})
    table = Table(path, renamed)
    columns = {name.lower() for name in table.columns}
    if {"metric", "score"} <= columns:
        return "evals"
    if table.layout is not None:
        return table.layout.kind
    if {"day", "amount_usd"} <= columns:
        return "invoice"
    if {"billedcost", "chargeperiodstart"} <= columns:
        return "focus"
    if columns & _CALL_MARKS:
        return "calls"
    table.check_renames()
    if not columns:
        raise SourceError(f"{table.path.name} holds no record", cure="where there should be some, export it again")
    if signals := [signal for signal in _SIGNALS if {f"resource{signal}", f"resource_{signal}"} & columns]:
        where = "/v1/" + signals[0].replace("spans", "traces")
        cure = f"post it (of several lines each by itself) to {where} while `offramp up` runs"
        raise SourceError(f"{table.path.name} is a body of OpenTelemetry", cure=cure)
    raise SourceError(
        f"{table.path.name} has no columns of calls, evals or bills",
        cure=_as_it_is(table)
        or rename_cure(table.names(), CALL_COLUMNS)
        or "name them timestamp, model, input_tokens … or feature, metric, score, n … or provider, day, amount_usd",
    )


def read_calls(
    path: Path | str,
    *,
    set_columns: Mapping[str, str] | None = None,
    renamed: Mapping[str, str] | None = None,
    newest: datetime | None = None,
) -> FileReading[Call]:
    """The calls of a file; `set_columns` fills absent columns, `newest` is the latest acceptable time.

    `renamed` are columns of ours by the file's own names. SourceError where the file cannot be read or lacks a column
    that no row can do without.
    """
    given = _checked(set_columns or {}, CALL_COLUMNS)
    table = _table(path, "calls", given, renamed or {})
    _need(table, given, CALL_COLUMNS, ("timestamp", "model"))
    if table.fixed and table.layout is None and not (set(table.columns) | set(given)) & set(_CALL_SIZES):
        raise SourceError(
            f"{table.path.name} has neither tokens nor cost",
            cure=rename_cure((*table.names(), *given), CALL_COLUMNS, _CALL_SIZES)
            or "add input_tokens and output_tokens, or cost_usd",
        )
    reading = _reading(
        table,
        "calls",
        CALL_COLUMNS,
        given,
        lambda row, number, seen: parse_call(row, number, seen, source=_source(table), newest=newest),
    )
    return replace(reading, newest=newest)


def read_scores(
    path: Path | str,
    *,
    set_columns: Mapping[str, str] | None = None,
    renamed: Mapping[str, str] | None = None,
    newest: datetime | None = None,
) -> FileReading[Score]:
    """The eval results of a file, with the arguments and errors of `read_calls`."""
    given = _checked(set_columns or {}, EVAL_COLUMNS)
    table = _table(path, "evals", given, renamed or {})
    _need(table, given, EVAL_COLUMNS, ("feature", "metric", "score", "timestamp"))
    return _reading(
        table,
        "evals",
        EVAL_COLUMNS,
        given,
        lambda row, number, seen: parse_score(row, number, seen, source=_source(table), newest=newest),
    )


def read_bills(
    path: Path | str,
    kind: Kind,
    *,
    set_columns: Mapping[str, str] | None = None,
    renamed: Mapping[str, str] | None = None,
) -> FileReading[Billed]:
    """The lines of an invoice or a FOCUS export, with the arguments and errors of `read_calls`."""
    focus, columns = kind == "focus", _COLUMNS[kind]
    given = _checked(set_columns or {}, columns)
    table = _table(path, kind, given, renamed or {})
    _need(table, given, columns, ("billedcost", "chargeperiodstart") if focus else ("provider", "day", "amount_usd"))
    reading = _reading(table, kind, columns, given, parse_focus if focus else parse_invoice)
    if focus:
        reading.rows = lambda: ai_rows(table.rows(columns))
        reading.extra_columns, reading.meant = [], ""
        reading.layout = "FOCUS"
    return reading


def _table(path: Path | str, kind: Kind, given: Mapping[str, str], renamed: Mapping[str, str]) -> Table:
    checked_renames(renamed, _COLUMNS[kind], given)
    table = Table(Path(path), renamed)
    table.check_renames()
    if table.layout is None:
        return table
    if table.layout.kind != kind:
        raise SourceError(
            f"{table.path.name} is a file of {table.layout.kind} ({table.layout.name})",
            cure=f"leave --kind out, or say --kind {table.layout.kind}",
        )
    for theirs, ours in renamed.items():
        if ours not in table.layout.columns:
            raise SourceError(
                f"{table.path.name} is read as {table.layout.name}, of which {ours} is no column",
                cure=f"leave {option(theirs, ours)} out",
            )
    return table


def _as_it_is(table: Table) -> str:
    """How a file of another tool is read that was not recognised because its columns were renamed."""
    if table.layout_before is None:
        return ""
    return f"leave --rename out: by its own names it is read as {table.layout_before.name}"


def _source(table: Table) -> str:
    return SOURCE if table.layout is None else table.layout.source


def _reading(
    table: Table,
    kind: Kind,
    known: Sequence[str],
    given: dict[str, str],
    parse: Callable[[Mapping[str, object], int, Occurrences], _T | Rejected],
) -> FileReading[_T]:
    layout = table.layout
    # Left out, what was meant to count would not, and counted twice where it is loaded again under our names.
    if layout is None and (meant := misspelt((*table.columns, *given), known)):
        cure = " ".join(option(name, column) for name, column in meant.items())
        raise SourceError(f"{table.path.name} spells columns of ours otherwise", cure=f"say {cure}")
    read = (lambda: table.rows(known)) if layout is None else _translated(table, layout, given)
    reading = FileReading(
        path=table.path,
        kind=kind,
        rows=read,
        parse=parse,
        known_columns=known,
        set_columns=given,
        renamed=table.renames.ours,
        layout=None if layout is None else layout.name,
        meant=rename_cure((*table.names(), *given), known) if layout is None else "",
    )
    if table.fixed and layout is None:
        reading.note_columns(table.columns)
    return reading


def _translated(table: Table, layout: Layout, given: dict[str, str]) -> Callable[[], Iterator[RawRow | Rejected]]:
    return lambda: layout.read(table.rows(layout.columns), table.origin(given))


def _checked(given: Mapping[str, str], known: Sequence[str]) -> dict[str, str]:
    unknown = [name for name in given if name not in known]
    if unknown:
        raise SourceError(f"--set {unknown[0]} names no column", cure="use one of: " + ", ".join(known))
    return dict(given)


def _need(table: Table, given: Mapping[str, str], known: Sequence[str], needed: Sequence[str]) -> None:
    if table.layout is not None:
        return
    all_rows = table.fixed or table.layout_before is not None
    missing = [name for name in needed if all_rows and name not in table.columns and name not in given]
    if missing:
        raise SourceError(
            f"{table.path.name} has no column {missing[0]}",
            cure=_as_it_is(table)
            or rename_cure((*table.names(), *given), known, missing)
            or f"add it, or name one value for all rows with --set {missing[0]}=VALUE",
        )
