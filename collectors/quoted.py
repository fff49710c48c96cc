"""Names and texts as they stand in a query of DuckDB."""


def quoted_name(column: str) -> str:
    """A column's name: what may be a quote in it is written twice."""
    return '"' + column.replace('"', '""') + '"'


def quoted_text(text: str) -> str:
    """A text.

    >>> quoted_text("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"
