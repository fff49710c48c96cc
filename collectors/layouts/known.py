"""Every layout that is read, and which of them a file is in."""

from collections.abc import Iterable

from collectors.layouts import (
    bedrock,
    deepeval,
    inspect_log,
    langfuse,
    litellm,
    openai_evals,
    openai_logs,
    openai_usage,
    promptfoo,
    ragas,
    traces,
)
from collectors.layouts.layout import Layout

LAYOUTS: tuple[Layout, ...] = (
    litellm.LAYOUT,
    langfuse.LAYOUT,
    openai_logs.LAYOUT,
    openai_usage.LAYOUT,
    bedrock.LAYOUT,
    traces.AZURE,
    traces.BURST,
    promptfoo.LAYOUT,
    inspect_log.LAYOUT,
    deepeval.LAYOUT,
    openai_evals.LAYOUT,
    ragas.LAYOUT,
)


def layout_of(names: Iterable[str]) -> Layout | None:
    """The layout that claims these column names; None where the names are our own, or nobody's."""
    present = list(names)
    return next((layout for layout in LAYOUTS if layout.claims(present)), None)
