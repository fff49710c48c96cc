"""A feature is created once, updated when its document moved, and every document is kept."""

from datetime import UTC, datetime
from threading import Barrier, Thread

from sqlalchemy import Engine, select

from db.queries.features import feature_names, features, form_token_used, seen_features
from db.session import reading, transaction
from db.store.features import Saved, save_feature
from db.tables import FeatureRevision
from strategy.profile import Feature

AT = datetime(2026, 11, 20, tzinfo=UTC)


def save(engine: Engine, owner: str, token: str | None = None) -> Saved:
    """Save feature `a` with this owner."""
    with transaction(engine) as session:
        document = f'{{"owner":"{owner}","slug":"a"}}'
        return save_feature(session, Feature(slug="a", owner=owner), document, at=AT, by="test", form_token=token)


def test_created_then_unchanged_then_updated(engine: Engine) -> None:
    """The same document again changes nothing; another one is a new revision and the head follows."""
    assert [save(engine, owner).change for owner in ("me", "me", "you")] == ["created", "unchanged", "updated"]
    with reading(engine) as session:
        (head,) = features(session)
        assert (head.slug, head.owner, head.strategy, head.document["owner"]) == ("a", "you", "prompt", "you")
        documents = session.scalars(select(FeatureRevision.document).order_by(FeatureRevision.id)).all()
        assert documents == ['{"owner":"me","slug":"a"}', '{"owner":"you","slug":"a"}']
        assert features(session, ["b"]) == []
        assert feature_names(session) == [("a", None)]
        assert seen_features(session) == []


def test_a_form_token_writes_once(engine: Engine) -> None:
    """A second click with the token of the first writes nothing, not even with other values."""
    assert [save(engine, owner, "token-1").change for owner in ("me", "you")] == ["created", "unchanged"]
    with reading(engine) as session:
        assert form_token_used(session, "token-1")
        assert not form_token_used(session, "token-2")


def test_three_clicks_at_once_write_one_row(engine: Engine) -> None:
    """Concurrent submissions of one form are one revision."""
    changes: list[str] = []
    start = Barrier(3)

    def click() -> None:
        start.wait()
        changes.append(save(engine, "me", "token-1").change)

    clicks = [Thread(target=click) for _ in range(3)]
    for thread in clicks:
        thread.start()
    for thread in clicks:
        thread.join()
    assert sorted(changes) == ["created", "unchanged", "unchanged"]
    with reading(engine) as session:
        assert len(session.scalars(select(FeatureRevision.id)).all()) == 1
