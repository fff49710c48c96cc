"""Which feature the feature page shows: the choice, the first one, and what to do where there is none of that name."""

import difflib
from collections.abc import Mapping
from decimal import Decimal

import streamlit as st

from dashboard import pieces, selection, wording
from dashboard.selection import Param
from db.queries.standing import FeatureStanding

_NEAR = 3
Known = Mapping[str, FeatureStanding | None]


def first(known: Known) -> str:
    """The one with the largest saving, so that the page opens on something that matters."""

    def worth(slug: str) -> tuple[Decimal, bool, str]:
        stands = known[slug]
        return (stands.saving_usd_month if stands else None) or Decimal(0), stands is not None, slug

    return max(known, key=worth)


def picker(known: Known, slug: str | None) -> None:
    """Chooses a feature by name or slug; the URL says which."""
    st.selectbox(
        "Feature",
        list(known),
        index=None,
        placeholder="choose a feature",
        format_func=lambda each: f"{found.name} ({each})" if (found := known[each]) and found.name else each,
        **selection.widget(Param.FEATURE, slug),
    )


def unknown(slug: str, known: Known) -> None:
    """There is no such feature: the nearest names."""
    pieces.failed(
        f"There is no feature {slug[:100]!r}.",
        "It was never registered and no traffic names it; slugs are compared exactly.",
        "choose one above, or one of these:" if known else "register it, or send traffic that names it.",
    )
    near = difflib.get_close_matches(slug, known, _NEAR, cutoff=0.4) or sorted(known)[:_NEAR]
    with st.container(horizontal=True):
        for each in near:
            stands = known[each]
            label = wording.plain((stands.name if stands else None) or each)
            st.page_link("views/feature.py", label=label, query_params={Param.FEATURE.value: each})
