"""Who looks at the page: somebody who signed in, or (where nobody has to) whoever is at this machine."""

from functools import lru_cache

import streamlit as st

from dashboard import pieces, wording
from offramp.actions.actors import Actor, By, Role
from offramp.actions.sign_in import SignIn, load_sign_in
from offramp.clock import now
from offramp.config import sign_in_file

_MAY = {
    Role.VIEWER: "may look at everything",
    Role.OWNER: "may write what their own features need",
    Role.ADMIN: "may write everything",
}


@lru_cache(maxsize=1)
def sign_in() -> SignIn | None:
    """What the file says when the server starts; None where nobody has to sign in."""
    return load_sign_in(sign_in_file())


def actor() -> Actor | None:
    """Who signed in; None where nobody has to, has, or has a role."""
    asked = sign_in()
    if asked is None or not st.user.is_logged_in:
        return None
    return asked.actor(st.user.to_dict(), now())


def by(typed: str) -> By:
    """Who writes: whoever signed in, else the name that was typed where nobody has to.

    Where sign-in is asked for and is over (the role was taken, the session is old), it is somebody who may not write.
    """
    found = actor()
    if found is None and sign_in() is not None:
        return Actor(name="somebody who is not signed in", role=Role.VIEWER)
    return found or typed


def at_the_door() -> bool:
    """Draw the door where somebody still has to sign in, or has no role; whether it was drawn."""
    asked = sign_in()
    if asked is None:
        return False
    if actor() is None:
        _door(asked)
        return True
    return False


def foot() -> None:
    """Say below the page who is signed in, and what they may do."""
    found = actor()
    if found is not None:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"Signed in as {wording.plain(found.name)}, {found.role}: {_MAY[found.role]}.")
            st.button("Sign out", on_click=st.logout, key="sign-out", type="tertiary")


def _door(asked: SignIn) -> None:
    if not st.user.is_logged_in:
        pieces.title("Offramp", "Sign in to see which features should move, and what that saves.")
        st.button("Sign in", type="primary", on_click=st.login, key="sign-in")
        return
    claims = st.user.to_dict()
    told = claims.get("email") or claims.get("name") or claims.get("sub")
    pieces.failed(
        f"{told} has no role here, or signed in too long ago.",
        f"Roles come from the claim `{asked.groups_claim}` of your sign-in.",
        "sign in again; if it stays, ask an admin to give one of your groups a role (docs/sign-in.md).",
    )
    st.button("Sign in again", type="primary", on_click=st.logout, key="sign-in-again")
