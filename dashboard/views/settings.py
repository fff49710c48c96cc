"""What is in force here: the house, who is told, keys, people, and the judge's numbers with their sources."""

from dashboard import loads, person, pieces, selection, settings_loads, wording
from dashboard.parts import house_view, job_view, people_view, rules_view
from dashboard.settings_writing import Made
from offramp.config import database_url
from offramp.policy import load_policy


def render() -> None:
    """Draw the page."""
    url = database_url()
    done = selection.take_outcome()
    found, policy = settings_loads.house(url), load_policy()
    active = sum(1 for key in found.keys if key.state(found.read_at) == "active")
    pieces.title(
        "Settings",
        f"{wording.plural(len(found.channels), 'channel')} and {wording.plural(active, 'key')} are set up; "
        f"{len(policy.constants)} constants are in force.",
    )
    if isinstance(done, Made):
        house_view.made(done)
        # The next form is a new one: this one has made its key.
        selection.new_form()
    else:
        job_view.told(done)
    house_view.organisation(found)
    house_view.channels(found, url)
    house_view.keys(found, url)
    people_view.people(found, loads.names(url), person.sign_in())
    rules_view.constants(policy)
    rules_view.overrides(found, policy)
    rules_view.matrix(policy)
    pieces.as_of(found.read_at)


if __name__ == "__main__":
    render()
