"""What an empty portfolio shows: how to begin, in the order in which it works."""

from collections.abc import Sequence

import streamlit as st

from dashboard import pieces, selection, wording

_MOST = 10


def how_to_begin(discovered: Sequence[str]) -> None:
    """The first three steps; where traffic has named features already, the first is to register those."""
    if discovered:
        pieces.empty(
            f"Traffic names {wording.plural(len(discovered), 'feature')}, and none is registered yet.",
            "Register one to have it judged: what it must do, what a wrong answer costs, what examples there are.",
        )
        discovered_links(discovered)
        return
    pieces.empty("No feature is registered yet.", "Three steps lead to the first verdict.")
    st.markdown("**1. Say what you run.** A feature is one thing your product does with a model.")
    st.page_link("views/register.py", label="Register a feature")
    st.markdown("**2. Send its traffic**, from OpenTelemetry or a file.")
    pieces.code("offramp load calls.csv evals.csv")
    st.markdown("**3. Have it judged.** The scheduler does it by itself; to see it now:")
    pieces.code("offramp review")
    st.caption("To look around first: `offramp demo` shows a made-up company of fourteen features.")


def discovered_links(discovered: Sequence[str]) -> None:
    """A link to a pre-filled form for each feature that traffic names and nobody registered."""
    with st.container(horizontal=True):
        for slug in discovered[:_MOST]:
            st.page_link(
                "views/register.py",
                label=f"Register {wording.plain(slug)}",
                query_params={selection.Param.FEATURE.value: slug},
            )
    if len(discovered) > _MOST:
        st.caption(f"and {len(discovered) - _MOST} more: `offramp features` lists them.")
