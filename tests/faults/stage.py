"""Where things are broken: a server, a folder for files and journals, a new database for each fault, and how often."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from db.migrate import upgrade
from db.session import make_engine
from tests.processes.cluster import Cluster

_COUNTED = (
    "kills",
    "outages",
    "freezes",
    "orders",
    "bodies",
    "fuzz",
    "slots",
    "mails",
    "cuts",
    "commits",
    "zones",
    "prices",
)
SIZES = {
    size: dict(zip(_COUNTED, counts, strict=True))
    for size, counts in (
        ("short", (4, 2, 1, 5, 15, 500, 0, 0, 40, 25, 2, 4)),
        ("usual", (30, 6, 3, 40, 20, 5_000, 1_000, 100, 1_000, 300, 1_000, 25)),
        ("long", (2_000, 60, 40, 1_000, 2_000, 400_000, 10_000, 1_000, 10_000, 20_000, 1_000, 400)),
    )
}


@dataclass
class Stage:
    """Where everything happens: a server, a folder for files and journals, and a new database for each fault."""

    server: Cluster
    folder: Path
    size: dict[str, int]
    made: int = field(default=0)

    def sqlite(self) -> str:
        """A new, migrated SQLite file."""
        self.made += 1
        return _migrated(f"sqlite:///{self.folder}/{self.made}.db")

    def postgresql(self) -> str:
        """A new, migrated database of the server."""
        self.made += 1
        return _migrated(self.server.create(f"fault{self.made}"))

    def both(self) -> Iterator[str]:
        """One of each."""
        yield self.sqlite()
        yield self.postgresql()

    @property
    def journal(self) -> Path:
        """Where the receivers spill."""
        return self.folder / "journal"


def _migrated(url: str) -> str:
    engine = make_engine(url)
    upgrade(engine)
    engine.dispose()
    return url
