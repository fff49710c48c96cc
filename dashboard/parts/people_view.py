"""Who may do what here, who did what, and who owns what."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from dashboard import pieces, wording
from dashboard.settings_loads import House
from db.queries.deeds import Deed
from db.queries.standing import FeatureStanding
from offramp.actions.actors import Role
from offramp.actions.sign_in import EVERYBODY, SignIn

_MOST_NAMED = 30
_MAY = {
    Role.VIEWER: "look at every page",
    Role.OWNER: "also decide about, and describe, the features that they or one of their groups own",
    Role.ADMIN: "also accept prices, run jobs, send messages, make keys, rename features and give them away",
}


def people(found: House, known: Mapping[str, FeatureStanding | None], asked: SignIn | None) -> None:
    """Roles and who has them, what was done by whom, and the owners of features."""
    pieces.section("People and roles", "Who decides about which features.")
    if asked is None:
        st.markdown(
            "There is no sign-in: whoever reaches this page may do everything on it, and says who they are to decide. "
            "It listens on this machine only, unless it was opened to a network."
        )
    else:
        _roles(asked)
        _seen(found)
    _owners(known)


def _roles(asked: SignIn) -> None:
    st.markdown(
        f"People sign in at {wording.plain(asked.provider.partition('/.well-known')[0])}; "
        f"their role comes from the claim `{asked.groups_claim}`, and ends after "
        f"{asked.again_after.total_seconds() / 3600:.0f} hours without a new sign-in."
    )
    alt = "The three roles, the groups that have them, what they may do"
    st.dataframe(role_rows(asked), hide_index=True, placeholder=wording.MISSING, key="roles", alt=alt)


def role_rows(asked: SignIn) -> list[dict[str, str]]:
    """Each role, the groups that have it, and what it may."""
    return [
        {
            "Role": str(role),
            "Groups": ", ".join("everybody" if group == EVERYBODY else group for group in asked.roles.get(role, ())),
            "May": may,
        }
        for role, may in _MAY.items()
    ]


def _seen(found: House) -> None:
    if not found.deeds:
        st.caption("Nobody who signed in has written anything yet.")
        return
    names = ", ".join(f"{wording.plain(each.who)} ({each.role})" for each in found.people)
    st.caption(f"Who wrote, or was refused: {names}.")
    st.dataframe(
        deed_rows(found.deeds),
        hide_index=True,
        placeholder=wording.MISSING,
        key="deeds",
        alt="The newest writes of signed-in people, refused ones too",
        column_config={"When": st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm", timezone="UTC")},
    )


def deed_rows(deeds: Sequence[Deed]) -> list[dict[str, Any]]:
    """Who wrote what and when, the refused writes too, as they come."""
    return [
        {
            "When": each.at,
            "Who": each.who,
            "Role": each.role,
            "What": each.what,
            "About": each.about,
            "Outcome": "done" if each.done else "refused",
        }
        for each in deeds
    ]


def _owners(known: Mapping[str, FeatureStanding | None]) -> None:
    rows = owner_rows(known)
    if rows:
        st.dataframe(
            rows,
            hide_index=True,
            placeholder=wording.MISSING,
            key="owners",
            alt="Owners with how many features they have",
        )


def owner_rows(known: Mapping[str, FeatureStanding | None]) -> list[dict[str, Any]]:
    """Each owner with how many features they have, how many should move, and the first of their names."""
    owners: dict[str, list[tuple[str, FeatureStanding]]] = {}
    for slug, stands in known.items():
        if stands is not None:
            owners.setdefault(stands.owner or "nobody yet", []).append((stands.name or slug, stands))
    return [
        {
            "Owner": owner,
            "Features": len(theirs),
            "Should move": sum(stands.should_move for _, stands in theirs),
            "Dismissed": sum(stands.dismissed for _, stands in theirs),
            "Which": wording.some([name for name, _ in theirs], _MOST_NAMED),
        }
        for owner, theirs in sorted(owners.items())
    ]
