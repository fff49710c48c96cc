"""What prices do to verdicts: the book's age, what waits for a yes or no, what is coming, what happened, what if."""

import streamlit as st

from dashboard import loads, pieces, selection
from dashboard.parts import price_view, proposal_cards, what_if_view
from dashboard.price_writing import Decision
from offramp.config import database_url


def render() -> None:
    """Draw the page."""
    url = database_url()
    outcome = selection.take_outcome()
    found = loads.prices(url)
    pieces.title("Prices", price_view.sentence(found))
    price_view.state(found)
    if isinstance(outcome, Decision):
        proposal_cards.outcome(outcome)
    if found.age.state == "empty":
        return
    price_view.figures(found)
    proposal_cards.waiting(found, url)
    price_view.announced(found)
    what_if_view.what_if(found, url, selection.read().what_if)
    price_view.happened(found)
    proposal_cards.decided(found)
    st.caption("Past costs never move because a price did; a correction says which figures it moves before you accept.")
    pieces.as_of(found.read_at)


if __name__ == "__main__":
    render()
