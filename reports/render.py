"""Dresses the letter as text, Markdown, HTML or JSON. Every name is escaped for the format it stands in."""

import json
import re
import textwrap
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Literal

from jinja2 import Environment, PackageLoader, StrictUndefined, Template, pass_context, select_autoescape
from jinja2.runtime import Context

from reports.charts import Chart
from reports.layout import Table
from reports.letter import letter
from reports.lines import one_line
from reports.stored import document
from reports.value import WeeklyReport

Format = Literal["text", "md", "html", "json"]
_FILES = {"text": "letter.txt", "md": "letter.md", "html": "letter.html"}
_WIDTH = 78
_LONGEST_LABEL = 36
# What would start markup inside a line; a dollar sign starts a formula for some readers.
_MARKUP = re.compile(r"[\\`*_\[\]<>|~$]|:(?=\S)|(?<=www)\.")
# What would start a heading, a list or a rule at the start of a line.
_AT_START = re.compile(r"^(#|[-+=>](?=\s|[-+=]|$)|\d+(?=[.)]))")
_ENTITIES = {"&": "&amp;", "@": "&#64;"}


def render(report: WeeklyReport, form: Format) -> str:
    """The letter in one of its formats; it ends with a line break."""
    if form == "json":
        return json.dumps(document(report), sort_keys=True, indent=2, ensure_ascii=False) + "\n"
    return _dressed(report, _FILES[form])


def render_mail(report: WeeklyReport, images: Sequence[Chart], link: str | None) -> str:
    """The HTML letter for e-mail: with the charts by their Content-ID, and a link to the page where there is one."""
    return _dressed(report, _FILES["html"], images=images, link=link)


def _dressed(report: WeeklyReport, name: str, *, images: Sequence[Chart] = (), link: str | None = None) -> str:
    template = _environment().get_template(name)
    return template.render(letter=letter(report), images=images, link=link).rstrip() + "\n"


def escape_markdown(text: str) -> str:
    r"""The text as one line that Markdown shows as it is.

    >>> escape_markdown("<b> *now* | [x](http://y)")
    '\\<b\\> \\*now\\* \\| \\[x\\](http\\://y)'
    """
    plain = "".join(_ENTITIES.get(char, char) for char in text)
    marked = _MARKUP.sub(lambda found: "\\" + found[0], plain)
    return _AT_START.sub(lambda found: found[0] + "\\" if found[0].isdigit() else "\\" + found[0], marked)


def html_template(name: str) -> Template:
    """A template of this package that writes HTML; what it is given is escaped."""
    return _environment().get_template(name)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("reports", "templates"),
        autoescape=select_autoescape(enabled_extensions=("html",), default=False),
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: dict[str, Callable[..., str]] = {
        "wrapped": _wrapped,
        "columns": _columns,
        "aside": _aside,
        "bulleted": _bulleted,
    }
    environment.filters.update(filters)
    return environment


@pass_context
def _finalize(context: Context, value: Any) -> Any:  # noqa: ANN401 (Jinja hands over every value that a template writes)
    """Escapes what a Markdown template writes; HTML is escaped by Jinja, plain text needs none."""
    return escape_markdown(value) if isinstance(value, str) and str(context.name).endswith(".md") else value


def _wrapped(text: str, indent: int) -> str:
    """The text in lines of at most 78 characters, all indented."""
    space = " " * indent
    return textwrap.fill(
        text, _WIDTH, initial_indent=space, subsequent_indent=space, break_long_words=False, break_on_hyphens=False
    )


def _bulleted(text: str) -> str:
    return "  - " + _wrapped(text, 4).lstrip()


def _aside(head: str, figure: str, indent: int = 0) -> str:
    """A head with its figure at the right margin, or after it where they do not fit in one line."""
    if not figure:
        return " " * indent + head
    space = max(_WIDTH - indent - len(head) - len(figure), 2)
    return f"{' ' * indent}{head}{' ' * space}{figure}"


def _columns(table: Table) -> str:
    rows = [(one_line(row[0], _LONGEST_LABEL), *row[1:]) for row in (table.columns, *table.rows, table.total)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(table.columns))]
    return "\n".join(
        "  "
        + "  ".join(
            _padded(cell, width, left=place == 0) for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )


def _padded(cell: str, width: int, *, left: bool) -> str:
    return cell.ljust(width) if left else cell.rjust(width)
