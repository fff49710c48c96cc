"""Reads who may sign in, and as what, from the YAML file that OFFRAMP_SIGN_IN names; its form: docs/sign-in.md."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from offramp import config
from offramp.actions.actors import Actor, Role
from offramp.actions.failure import BadInput, Problem

EVERYBODY = "*"
_HOURS = 12
_FIELDS = {
    "provider", "client_id", "client_secret_file", "client_secret_env", "address", "cookie_secret_file",
    "cookie_secret_env", "groups_claim", "roles", "again_after_hours", "scope",
}  # fmt: skip # pairs side by side
_NAMES = ("email", "preferred_username", "name", "sub")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """The provider that is asked, and the groups of each role."""

    provider: str
    client_id: str
    address: str
    roles: Mapping[Role, tuple[str, ...]]
    groups_claim: str = "groups"
    again_after: timedelta = timedelta(hours=_HOURS)
    scope: str = "openid email profile"
    client_secret: str = field(repr=False)
    cookie_secret: str = field(repr=False)

    def auth_secrets(self) -> dict[str, Any]:
        """What Streamlit wants to know of the provider: its `auth` section."""
        return {
            "redirect_uri": f"{self.address}/oauth2callback",
            "cookie_secret": self.cookie_secret,
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "server_metadata_url": self.provider,
            "client_kwargs": {"scope": self.scope},
        }

    def actor(self, claims: Mapping[str, Any], at: datetime) -> Actor | None:
        """Who these claims of an identity token are; None where they have no role, or signed in too long ago."""
        issued = claims.get("iat")
        if not isinstance(issued, int) or at - datetime.fromtimestamp(issued, UTC) > self.again_after:
            return None
        groups = _groups(claims.get(self.groups_claim))
        mine = [role for role, named in self.roles.items() if EVERYBODY in named or groups & set(named)]
        names = [str(claims[name]) for name in _NAMES if claims.get(name)]
        # An address that the provider has not checked could be anybody's.
        if claims.get("email_verified") is False:
            names = [name for name in names if name != claims.get("email")]
        if not mine or not names:
            return None
        known = {each.strip().casefold() for each in (*names, *groups)}
        return Actor(name=names[0], role=max(mine, key=list(Role).index), names=frozenset(known))


def _groups(claim: object) -> set[str]:
    if isinstance(claim, str):
        return {claim}
    return {str(each) for each in claim} if isinstance(claim, list | tuple) else set()


def load_sign_in(path: Path | None) -> SignIn | None:
    """What the file says; None without a file: then nobody has to sign in.

    Raises:
        BadInput: the file, or a secret it names, cannot be used.
    """
    if path is None:
        return None
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as failure:
        why = failure.strerror if isinstance(failure, OSError) else "it is no YAML"
        raise _wrong(path.name, f"cannot be read: {why}", "OFFRAMP_SIGN_IN names the file") from None
    if not isinstance(found, dict):
        raise _wrong(path.name, "is no mapping", "docs/sign-in.md shows one")
    unknown = sorted(str(name) for name in found if name not in _FIELDS)
    if unknown:
        raise _wrong(unknown[0], "is not known", f"known are {', '.join(sorted(_FIELDS))}")
    hours = found.get("again_after_hours", _HOURS)
    if not isinstance(hours, int) or isinstance(hours, bool) or not 0 < hours <= 720:  # noqa: PLR2004 (the cookie's thirty days)
        raise _wrong("again_after_hours", f"{hours!r} is no number of hours", "write 1 to 720")
    return SignIn(
        provider=_address(found, "provider"),
        client_id=_text(found, "client_id"),
        client_secret=_secret(found, "client_secret", path.parent),
        address=_address(found, "address").rstrip("/"),
        # Without one of its own every start signs everybody out, and two dashboards do not know each other's people.
        cookie_secret=_secret(found, "cookie_secret", path.parent, optional=True) or secrets.token_urlsafe(32),
        groups_claim=str(found.get("groups_claim") or "groups"),
        roles=_roles(found.get("roles")),
        again_after=timedelta(hours=hours),
        scope=str(found.get("scope") or "openid email profile"),
    )


def _roles(given: object) -> dict[Role, tuple[str, ...]]:
    if not isinstance(given, dict) or not given or set(given) - {str(role) for role in Role}:
        raise _wrong("roles", "gives no role its groups", f'give {", ".join(Role)} each a list of groups, or "*"')
    found = {}
    for role, groups in given.items():
        named = [groups] if isinstance(groups, str) else groups
        if not isinstance(named, list) or not all(isinstance(each, str) and each for each in named):
            raise _wrong(f"roles.{role}", "is no list of groups", 'write [platform-team], or "*" for everybody')
        found[Role(role)] = tuple(named)
    return found


def _secret(found: Mapping[str, Any], name: str, folder: Path, *, optional: bool = False) -> str:
    file, variable = found.get(f"{name}_file"), found.get(f"{name}_env")
    if file is None and variable is None and optional:
        return ""
    text = config.secret("file", str(folder / str(file))) if file else config.secret("env", str(variable))
    if not text:
        cure = f"name a file ({name}_file) or a variable ({name}_env) that holds it"
        raise _wrong(f"{name}_file" if file else f"{name}_env", "is missing, empty or cannot be read", cure)
    return text


def _address(found: Mapping[str, Any], name: str) -> str:
    text = _text(found, name)
    if not text.startswith(("https://", "http://")):
        raise _wrong(name, "is no http(s) address", "write one such as https://offramp.example.org")
    return text


def _text(found: Mapping[str, Any], name: str) -> str:
    text = found.get(name)
    if not isinstance(text, str) or not text.strip():
        raise _wrong(name, "is missing", "docs/sign-in.md shows the form")
    return text.strip()


def _wrong(field_: str, error: str, cure: str) -> BadInput:
    return BadInput([Problem(error=error, field=field_, cure=cure)])
