"""Measures as Prometheus' text format 0.0.4."""

from collections.abc import Sequence

from offramp.actions.measures import Measure

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def prometheus_text(found: Sequence[Measure]) -> str:
    r"""The exposition text; measures of one name must stand side by side.

    >>> prometheus_text([Measure(name="x_total", kind="counter", words="X.", value=3, labels=(("a", 'q"'),))])
    '# HELP x_total X.\n# TYPE x_total counter\nx_total{a="q\\""} 3\n'
    """
    lines: list[str] = []
    name = None
    for item in found:
        if item.name != name:
            lines += [f"# HELP {item.name} {item.words}", f"# TYPE {item.name} {item.kind}"]
            name = item.name
        labels = ",".join(f'{key}="{_escaped(value)}"' for key, value in item.labels)
        lines.append(f"{item.name}{{{labels}}} {item.value}" if labels else f"{item.name} {item.value}")
    return "\n".join(lines) + "\n"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
