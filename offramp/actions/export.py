"""Exports the registered features: YAML that `register` takes back, CSV for a spreadsheet."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from db.queries.features import features
from db.session import Engine, reading
from offramp.actions.failure import BadInput, Problem
from strategy.parse import feature_document, parse_feature

# A cell that starts with one of these is run as a formula by spreadsheets (OWASP ASVS 1.2.10).
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")  # noqa: RUF001 (the full-width forms are meant)


def feature_documents(engine: Engine, slugs: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """The documents of the registered features, as they can be registered again; or the named ones, also if they ended.

    Raises:
        BadInput: a named feature is not registered.
    """
    with reading(engine) as session:
        stored = [parse_feature(head.document)[0] for head in features(session, slugs, ended=slugs is not None)]
    found = [feature_document(feature) for feature in stored if feature is not None]
    missing = sorted(set(slugs or ()) - {document["slug"] for document in found})
    if missing:
        raise BadInput([Problem(error=f"no feature {missing[0]!r}", field="slug", cure="see `offramp features`")])
    return found


def export_yaml(engine: Engine, slugs: Sequence[str] | None = None) -> str:
    """The registered features (all, or the named ones) as the YAML that `register` takes.

    Raises:
        BadInput: a named feature is not registered.
    """
    return yaml.safe_dump({"features": feature_documents(engine, slugs)}, sort_keys=False, allow_unicode=True)


def export_csv(engine: Engine) -> str:
    """The registered features as CSV, groups flattened with dots, one column per field that any of them has."""
    rows = [flat(document) for document in feature_documents(engine)]
    columns = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: safe_cell(value) for name, value in row.items()} for row in rows)
    return text.getvalue()


def safe_cell(value: object) -> object:
    """A CSV cell that no spreadsheet runs as a formula.

    >>> safe_cell("=1+1"), safe_cell("plain"), safe_cell(-3)
    ("'=1+1", 'plain', -3)
    """
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA_STARTS) else value


def flat(document: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """The document with the names of groups and fields joined by dots; lists are joined by commas."""
    found: dict[str, Any] = {}
    for name, value in document.items():
        if isinstance(value, Mapping):
            found |= flat(value, f"{prefix}{name}.")
        elif isinstance(value, list):
            parts = (f"{item['attribute']}={item['equals']}" if isinstance(item, Mapping) else item for item in value)
            found[prefix + name] = ",".join(str(part) for part in parts)
        else:
            found[prefix + name] = value
    return found
