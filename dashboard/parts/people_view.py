"""Who may do what here, who did what, and who owns what."""

from collections.abc import Sequence

import streamlit as st

from dashboard import pieces, wording
from dashboard.settings_loads import House
from offramp.actions.actors import Role
from offramp.actions.features import FeatureLine
from offramp.actions.sign_in import EVERYBODY, SignIn

_MAY = {
    Role.VIEWER: "look at every page",
    Role.OWNER: "also decide about, and describe, the features that they or one of their groups own",
    Role.ADMIN: "also accept prices, run jobs, send messages, make keys, rename features and give them away",
}


def people(found: House, lines: Sequence[FeatureLine], asked: SignIn | None) -> None:
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
    _owners(lines)


def _roles(asked: SignIn) -> None:
    st.markdown(
        f"People sign in at {wording.plain(asked.provider.partition('/.well-known')[0])}; "
        f"their role comes from the claim `{asked.groups_claim}`, and ends after "
        f"{asked.again_after.total_seconds() / 3600:.0f} hours without a new sign-in."
    )
    rows = [
        {
            "Role": str(role),
            "Groups": ", ".join("everybody" if group == EVERYBODY else group for group in asked.roles.get(role, ())),
            "May": may,
        }
        for role, may in _MAY.items()
    ]
    st.dataframe(rows, hide_index=True, key="roles", alt="The three roles, the groups that have them, what they may do")


def _seen(found: House) -> None:
    if not found.deeds:
        st.caption("Nobody who signed in has written anything yet.")
        return
    names = ", ".join(f"{wording.plain(each.who)} ({each.role})" for each in found.people)
    st.caption(f"Who wrote, or was refused: {names}.")
    rows = [
        {
            "When": each.at,
            "Who": each.who,
            "Role": each.role,
            "What": each.what,
            "About": each.about,
            "Outcome": "done" if each.done else "refused",
        }
        for each in found.deeds
    ]
    st.dataframe(
        rows,
        hide_index=True,
        key="deeds",
        alt="The newest writes of signed-in people, refused ones too",
        column_config={"When": st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm", timezone="UTC")},
    )


def _owners(lines: Sequence[FeatureLine]) -> None:
    owners: dict[str, list[FeatureLine]] = {}
    for line in lines:
        if line.registered:
            owners.setdefault(line.owner or "nobody yet", []).append(line)
    rows = [
        {
            "Owner": owner,
            "Features": len(theirs),
            "Should move": sum(1 for line in theirs if line.verdict == "due"),
            "Which": ", ".join(line.name or line.slug for line in theirs),
        }
        for owner, theirs in sorted(owners.items())
    ]
    if rows:
        st.dataframe(rows, hide_index=True, key="owners", alt="Owners with how many features they have")
