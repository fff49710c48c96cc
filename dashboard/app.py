"""The router: which pages there are, and what is shown when the database is away. Nothing else."""

from pathlib import Path

import streamlit as st

from dashboard import loads, person, pieces, selection
from db.failures import DatabaseError, database_words
from offramp.config import database_url

HERE = Path(__file__).parent


def main() -> None:
    """Draw the chosen page, or say why it cannot be drawn."""
    icon = HERE / "icon.png"
    st.set_page_config(page_title="Offramp", page_icon=str(icon), layout="wide")
    if person.at_the_door():
        return
    selection.begin()
    views = HERE / "views"
    page = st.navigation(
        [
            st.Page(
                views / "alerts.py", title="Alerts", default=True, help="Which features should move, and what it saves."
            ),
            st.Page(views / "portfolio.py", title="Portfolio", url_path="portfolio", help="Every feature on one map."),
            st.Page(
                views / "feature.py", title="Feature", url_path="feature", help="One verdict with its whole argument."
            ),
            st.Page(
                views / "prices.py", title="Prices", url_path="prices", help="What prices do to verdicts, and may do."
            ),
            st.Page(
                views / "savings.py", title="Savings", url_path="savings", help="What finished migrations brought."
            ),
            st.Page(
                views / "register.py", title="Register", url_path="register", help="Describe a feature, or edit one."
            ),
            st.Page(views / "report.py", title="Report", url_path="report", help="The weekly letters."),
            st.Page(
                views / "sources.py", title="Sources", url_path="sources", help="What came from where, and what failed."
            ),
            st.Page(
                views / "settings.py",
                title="Settings",
                url_path="settings",
                help="What is in force, with its sources.",
            ),
        ],
        position="top",
    )
    st.logo(str(icon), size="large")
    try:
        page.run()
        person.foot()
        selection.end()
    except DatabaseError as problem:
        _away(problem)


def _away(problem: DatabaseError) -> None:
    try:
        ready = loads.migrated(database_url())
    except DatabaseError:
        pieces.failed(
            "The database does not answer.",
            database_words(problem),
            "check that it runs and that `OFFRAMP_DATABASE_URL` names it, then reload.",
        )
        return
    if ready:
        pieces.failed(
            "The database could not be read.", database_words(problem), "reload; if it stays, look at the server's log."
        )
    else:
        pieces.failed(
            "The database is not set up for this version.",
            "Its tables are missing or older than the program.",
            "run `offramp migrate` on it, then reload.",
        )


if __name__ == "__main__":
    main()
