"""What came from where and when, what failed, what nobody claims and what has no price."""

import streamlit as st

from dashboard import loads, pieces, selection, source_loads
from dashboard.parts import blind_spots, cures, ending, intake_view, job_view, pull_view, reconcile_view
from offramp.config import database_url


def render() -> None:
    """Draw the page."""
    url = database_url()
    found = loads.health(url)
    pieces.title("Sources", intake_view.sentence(found))
    done = selection.take_outcome()
    job_view.told(done)
    intake_view.state(found)
    if found.heard_at is None and not found.runs:
        pieces.empty("No data has come in.", "Load a file, or point an OpenTelemetry exporter at the receiver:")
        pieces.code(
            "offramp load calls.csv\nofframp up   # then OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:8501",
        )
    else:
        intake_view.figures(found)
        intake_view.by_source(found)
        registered = [slug for slug, stands in loads.names(url).items() if stands is not None]
        discovered = source_loads.unregistered(url)
        left, right = st.columns(2, gap="large")
        with left:
            blind_spots.unattributed(found, url, registered)
            blind_spots.unregistered(discovered)
            ending.still_called(source_loads.ended(url))
            cures.names(url, registered, discovered)
        with right:
            blind_spots.unpriced(found, url)
        reconcile_view.reconciliation(url)
        cures.record(url, registered)
        intake_view.runs(found)
    pull_view.pulled(url, done, found)
    cures.doctor(url, done)
    job_view.jobs(found, url)
    pieces.as_of(found.read_at)


if __name__ == "__main__":
    render()
