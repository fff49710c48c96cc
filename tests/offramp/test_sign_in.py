"""Who may sign in, as what, and what each role may write: asked in the action, whatever page or route it came from."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from db.queries.deeds import deeds, people
from db.session import reading
from db.tables import AlertMoveRow, ApiKey, FeatureEnd, FeatureRevision, JobControl, PriceProposal
from offramp.actions.actors import Actor, By, NotAllowed, Role
from offramp.actions.alert_moves import claim, dismiss, reopen, snooze
from offramp.actions.end import end, resume
from offramp.actions.failure import BadInput
from offramp.actions.finish import finish
from offramp.actions.job_control import pause_job, resume_job, run_now
from offramp.actions.keys import create_key, end_key
from offramp.actions.price_decisions import accept, reject
from offramp.actions.price_refresh import refresh_from
from offramp.actions.register import register
from offramp.actions.rename import merge, rename
from offramp.actions.schedule import standard_jobs
from offramp.actions.send_report import repeat_message
from offramp.actions.sign_in import SignIn, load_sign_in
from offramp.policy import load_policy
from tests.offramp.due_company import SLUG, due_company
from tests.offramp.test_review import BEFORE, FEATURE

AT = BEFORE + timedelta(hours=9)
TEAM = "shop"
ANN = Actor(name="ann@example.org", role=Role.VIEWER, names=frozenset({"ann@example.org", TEAM}))
BEN = Actor(name="ben@example.org", role=Role.OWNER, names=frozenset({"ben@example.org", TEAM}))
EVE = Actor(name="eve@example.org", role=Role.OWNER, names=frozenset({"eve@example.org", "payments"}))
IDA = Actor(name="ida@example.org", role=Role.ADMIN)
JOBS = standard_jobs(load_policy(), "UTC")
LATER = BEFORE.date() + timedelta(days=30)

OF_A_FEATURE: dict[str, Callable[[Engine, By], object]] = {
    "claim": lambda engine, by: claim(engine, SLUG, by=by, due=LATER, at=AT),
    "snooze": lambda engine, by: snooze(engine, SLUG, by=by, at=AT, until=LATER),
    "dismiss": lambda engine, by: dismiss(engine, SLUG, by=by, reason="no_capacity", note="Later.", at=AT),
    "reopen": lambda engine, by: reopen(engine, SLUG, by=by, at=AT),
    "finish": lambda engine, by: finish(engine, load_policy(), SLUG, by=by, at=AT),
    "end": lambda engine, by: end(engine, SLUG, by=by, why="It was switched off.", at=AT),
    "resume": lambda engine, by: resume(engine, load_policy(), SLUG, by=by, why="It came back.", at=AT),
    "register": lambda engine, by: register(engine, [_feature("Another name")], at=AT, by=by),
}
OF_ADMINS: dict[str, Callable[[Engine, By], object]] = {
    "rename": lambda engine, by: rename(engine, SLUG, "other-name", at=AT, by=by),
    "merge": lambda engine, by: merge(engine, "some-name", SLUG, at=AT, by=by),
    "accept prices": lambda engine, by: accept(engine, [1], by=by, at=AT),
    "refuse prices": lambda engine, by: reject(engine, [1], by=by, at=AT),
    "run a job": lambda engine, by: run_now(engine, JOBS, "review", by=by, at=AT),
    "pause a job": lambda engine, by: pause_job(engine, JOBS, "review", by=by, at=AT),
    "resume a job": lambda engine, by: resume_job(engine, JOBS, "review", by=by, at=AT),
    "send a message again": lambda engine, by: repeat_message(engine, "none", by=by, at=AT),
    "make a key": lambda engine, by: create_key(engine, name="ci", scopes=["read"], at=AT, by=by),
    "revoke a key": lambda engine, by: end_key(engine, "12345678", AT, by),
}
_WRITTEN = (AlertMoveRow, ApiKey, FeatureEnd, FeatureRevision, JobControl, PriceProposal)


def _feature(name: str, owner: str | None = TEAM) -> dict[str, Any]:
    return {**FEATURE, "name": name, "owner": owner}


@pytest.fixture
def company(engine: Engine) -> Engine:
    """A feature of the team `shop` that is due, and a price that waits for somebody."""
    due_company(engine)
    register(engine, [_feature("Ours")], at=BEFORE, by="test")
    refresh_from(engine, b"model,input\nopenai/gpt-5.6-luna,10\n", "list.csv", at=AT)
    return engine


def _rows(engine: Engine) -> list[tuple[object, ...]]:
    """Everything that the writes below could touch, but for the deeds."""
    with reading(engine) as session:
        counts = [(session.scalar(select(func.count()).select_from(table)),) for table in _WRITTEN]
        decided = session.scalar(select(func.count()).where(PriceProposal.decided_by.is_not(None)))
    return [*counts, (decided,)]


def test_a_viewer_writes_nothing(company: Engine) -> None:
    """Every write is refused with who may, nothing is written, and that it was refused is kept."""
    before = _rows(company)
    for what, write in OF_A_FEATURE.items():
        with pytest.raises(NotAllowed, match=rf"\(viewer\) may not write {SLUG}; ask its owner \(shop\) or an admin"):
            write(company, ANN)
        assert _newest(company) == ("ann@example.org", "viewer", what, SLUG, False)
    for what, write in OF_ADMINS.items():
        with pytest.raises(NotAllowed, match=rf"\(viewer\) may not {what}.*; ask an admin"):
            write(company, ANN)
        assert _newest(company)[:3] == ("ann@example.org", "viewer", what)
    assert _rows(company) == before


def test_an_owner_writes_their_own_features_alone(company: Engine) -> None:
    """Ben, of the team, claims and registers; Eve, of another, is refused; neither accepts a price."""
    claim(company, SLUG, by=BEN, due=LATER, at=AT)
    assert _newest(company) == ("ben@example.org", "owner", "claim", SLUG, True)
    register(company, [_feature("Renamed")], at=AT, by=BEN)
    for write in OF_A_FEATURE.values():
        with pytest.raises(
            NotAllowed, match=r"eve@example.org \(owner\) may not write .*its owner \(shop\) or an admin"
        ):
            write(company, EVE)
    for write in OF_ADMINS.values():
        with pytest.raises(NotAllowed, match="ask an admin"):
            write(company, BEN)


def test_a_feature_is_given_away_by_an_admin_alone(company: Engine) -> None:
    """Ben cannot make it another team's, nor Eve take it; what nobody owns may be taken, a new one be one's own."""
    with pytest.raises(NotAllowed, match=r"ask its owner \(payments\) or an admin"):
        register(company, [_feature("Ours", "payments")], at=AT, by=BEN)
    with pytest.raises(NotAllowed, match=r"ask its owner \(shop\)"):
        register(company, [_feature("Ours", "payments")], at=AT, by=EVE)
    register(company, [{"slug": "new", "strategy": "prompt", "owner": "Payments"}], at=AT, by=EVE)
    register(company, [{"slug": "nobodys", "strategy": "prompt"}], at=AT, by=IDA)
    register(company, [{"slug": "nobodys", "strategy": "prompt", "owner": TEAM}], at=AT, by=BEN)
    register(company, [_feature("Ours", "payments")], at=AT, by=IDA)
    register(company, [_feature("Theirs now", "payments")], at=AT, by=EVE)


def test_an_admin_writes_everything(company: Engine) -> None:
    """And it is kept who did what; the command line and keys, which have no role, write as before."""
    for write in (OF_A_FEATURE["claim"], OF_ADMINS["refuse prices"], OF_ADMINS["pause a job"], OF_ADMINS["make a key"]):
        write(company, IDA)
    with reading(company) as session:
        assert [(deed.what, deed.done) for deed in reversed(deeds(session))] == [
            ("claim", True),
            ("refuse prices", True),
            ("pause a job", True),
            ("make a key", True),
        ]
        assert [(person.who, person.role) for person in people(session)] == [("ida@example.org", "admin")]
    register(company, [_feature("By hand")], at=AT, by="ops")
    assert _newest(company)[2] == "make a key"


def _newest(engine: Engine) -> tuple[str, str, str, str, bool]:
    with reading(engine) as session:
        deed = deeds(session, 1)[0]
    return deed.who, deed.role, deed.what, deed.about, deed.done


def _file(folder: Path, **changes: object) -> Path:
    (folder / "client").write_text("client-secret\n", encoding="utf-8")
    said = {
        "provider": "https://login.example.org/.well-known/openid-configuration",
        "client_id": "offramp",
        "client_secret_file": "client",
        "address": "https://offramp.example.org/",
        "roles": '{admin: [platform], owner: [shop, payments], viewer: "*"}',
    } | changes
    path = folder / "sign-in.yaml"
    path.write_text("".join(f"{name}: {text}\n" for name, text in said.items() if text is not None), encoding="utf-8")
    return path


def _loaded(folder: Path, **changes: object) -> SignIn:
    found = load_sign_in(_file(folder, **changes))
    assert found is not None
    return found


def test_the_file_tells_the_provider_and_no_secret_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Secrets come from files and the environment; without a cookie secret of its own, one is made for this start."""
    monkeypatch.setenv("COOKIE", "of-the-environment")
    found = _loaded(tmp_path, cookie_secret_env="COOKIE")  # noqa: S106 (a name of a variable)
    assert found.auth_secrets() == {
        "redirect_uri": "https://offramp.example.org/oauth2callback",
        "cookie_secret": "of-the-environment",
        "client_id": "offramp",
        "client_secret": "client-secret",
        "server_metadata_url": "https://login.example.org/.well-known/openid-configuration",
        "client_kwargs": {"scope": "openid email profile"},
    }
    assert "client-secret" not in repr(found)
    assert "of-the-environment" not in repr(found)
    assert len(_loaded(tmp_path).cookie_secret) > 40
    assert load_sign_in(None) is None


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"provider": "login.example.org"}, "provider: is no http"),
        ({"client_id": None}, "client_id: is missing"),
        ({"client_secret_file": "nowhere"}, "client_secret_file: is missing, empty or cannot be read"),
        ({"roles": "{boss: [x]}"}, "roles: gives no role its groups"),
        ({"roles": "{admin: [1]}"}, "roles.admin: is no list of groups"),
        ({"again_after_hours": "0"}, "again_after_hours: 0 is no number of hours"),
        ({"colour": "red"}, "colour: is not known"),
    ],
)
def test_what_is_wrong_in_the_file_is_named(tmp_path: Path, changes: dict[str, object], told: str) -> None:
    """With its field and its cure; a server then does not start, rather than let everybody in."""
    with pytest.raises(BadInput, match=told):
        load_sign_in(_file(tmp_path, **changes))
    with pytest.raises(BadInput, match="cannot be read"):
        load_sign_in(tmp_path / "nowhere.yaml")


def test_a_role_comes_from_the_groups_of_the_token(tmp_path: Path) -> None:
    """The highest of the named ones; a group may be one text; an old session, a nameless and a stranger have none."""
    at = datetime(2026, 11, 22, 9, tzinfo=UTC)
    issued = int((at - timedelta(hours=1)).timestamp())
    found = _loaded(tmp_path, groups_claim="teams", roles="{admin: [platform], owner: [shop], viewer: [staff]}")

    def role(**claims: object) -> Role | None:
        actor = found.actor({"iat": issued, "email": "ann@example.org"} | claims, at)
        return None if actor is None else actor.role

    assert role(teams=["staff", "platform", "shop"]) is Role.ADMIN
    assert role(teams=["shop", "staff"]) is Role.OWNER
    assert role(teams="staff") is Role.VIEWER
    assert [role(teams=["other"]), role(), role(teams=7), role(groups=["platform"])] == [None] * 4
    assert role(teams=["staff"], iat=issued - 12 * 3600) is None
    assert role(teams=["staff"], iat=None) is None
    ann = found.actor({"iat": issued, "email": "Ann@Example.org", "sub": "7", "teams": ["shop"]}, at)
    assert ann is not None
    assert (ann.name, ann.owns("ann@example.org"), ann.owns("Shop"), ann.owns("payments")) == (
        "Ann@Example.org",
        True,
        True,
        False,
    )
    unproven = {"iat": issued, "email": "ida@example.org", "email_verified": False, "sub": "7", "teams": ["shop"]}
    somebody = found.actor(unproven, at)
    assert somebody is not None
    assert (somebody.name, somebody.owns("ida@example.org")) == ("7", False)
    everybody = _loaded(tmp_path).actor({"iat": issued, "sub": "7"}, at)
    assert everybody is not None
    assert everybody.role is Role.VIEWER
