"""What finished migrations brought: promised and realised, and what moved the cost."""

from dashboard import alert_loads, pieces
from dashboard.parts import savings_view
from offramp.config import database_url


def render() -> None:
    """Draw the page."""
    found = alert_loads.savings(database_url())
    if not found.migrations:
        pieces.title("Savings")
        pieces.empty(
            "No migration is finished yet.",
            "When one is live, say so: on its feature's page, or by the command. From then on its saving is measured.",
            "offramp alerts finish SLUG",
        )
        pieces.as_of(found.read_at)
        return
    pieces.title("Savings", savings_view.sentence(found))
    savings_view.figures(found)
    savings_view.table(found)
    savings_view.effects(found)
    savings_view.by_owner_and_strategy(found)
    pieces.as_of(found.read_at)


if __name__ == "__main__":
    render()
