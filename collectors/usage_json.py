"""Calls and scores as a JSON array (POST /api/usage, POST /api/evals), under the rules of the files."""

from datetime import datetime

from collectors.call_rows import parse_call
from collectors.eval_rows import parse_score
from collectors.occurrences import Occurrences
from collectors.rejected import Rejected, SourceError
from collectors.row_values import Row
from strategy.facts import Call, Score

SOURCE = "api"
_MOST_ROWS = 100_000


def calls_from_json(document: object, *, newest: datetime | None = None) -> list[Call | Rejected]:
    """One call or refusal per item, in order; SourceError where the document is no array of objects."""
    seen = Occurrences()
    return [parse_call(row, number, seen, source=SOURCE, newest=newest) for number, row in _rows(document)]


def scores_from_json(document: object, *, newest: datetime | None = None) -> list[Score | Rejected]:
    """One score or refusal per item, in order; SourceError where the document is no array of objects."""
    seen = Occurrences()
    return [parse_score(row, number, seen, source=SOURCE, newest=newest) for number, row in _rows(document)]


def _rows(document: object) -> list[tuple[int, Row]]:
    if not isinstance(document, list) or not all(isinstance(item, dict) for item in document):
        raise SourceError("the body is not a JSON array of objects", cure='send [{"timestamp": …, "model": …}, …]')
    if len(document) > _MOST_ROWS:
        raise SourceError(f"the array holds more than {_MOST_ROWS} rows", cure="send it in parts")
    return list(enumerate(document, start=1))
