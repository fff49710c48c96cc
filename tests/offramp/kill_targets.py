"""What the killed receivers and reviewers do."""

from datetime import UTC, datetime
from multiprocessing.connection import Connection

from db.session import make_engine
from offramp.actions.review import review
from offramp.policy import load_policy
from offramp.serve.ingest import run_ingest

TODAY = datetime(2026, 11, 22, tzinfo=UTC)


def serve(url: str, port: int) -> None:
    """The receiver, without a late window."""
    run_ingest(url, port=port, late_window=None)


def review_once(url: str, begun: Connection) -> None:
    """One review; says when it begins."""
    engine = make_engine(url)
    policy = load_policy()
    begun.send("begun")
    review(engine, policy, as_of=TODAY, now=TODAY)
