"""What is placed and written by hand: the names on the map, and the row of figures as HTML."""

from base64 import b64decode

import pandas as pd

from dashboard import map_labels
from dashboard.figure_html import Figure, row, spark


def _map(*points: tuple[str, float, float]) -> pd.DataFrame:
    rows = [
        {"name": name, "due": True, "calls": calls, "usd_per_call": cost, "usd": calls * cost}
        for name, calls, cost in points
    ]
    return pd.DataFrame(rows)


def test_names_on_the_map_do_not_lie_over_each_other() -> None:
    """The dearest keeps the place above its point, a neighbour takes another side, a third has no room."""
    crowd = _map(("Dearest", 1e6, 0.002), ("Neighbour", 1.02e6, 0.0019), ("Third", 1.01e6, 0.0018), ("Far", 1e3, 0.9))
    found = map_labels.placed(crowd).set_index("label")["side"].to_dict()
    assert found["Dearest"] == "above"
    assert found["Neighbour"] != "above"
    assert found["Far"] == "above"


def test_points_in_one_place_have_one_name() -> None:
    """What has no room on any side is left to the tooltip and the table."""
    heap = _map(*((f"A name of some length {number}", 1e6, 0.001) for number in range(8)))
    assert len(map_labels.placed(heap)) < len(heap)


def test_a_long_name_is_cut_and_nothing_due_is_no_name() -> None:
    """Two hundred letters are no label; a map where nothing is due has none."""
    (label,) = map_labels.placed(_map(("x" * 200, 1e6, 0.001)))["label"]
    assert label == "x" * 25 + "…"
    assert map_labels.placed(_map(("a", 1e6, 0.001)).assign(due=False)).empty


def test_a_figure_is_written_letter_for_letter_with_words_for_its_line() -> None:
    """Whatever a text holds is escaped; the line is a picture whose words say where it starts and ends."""
    figure = Figure(label="<b>", value="$5 & more", below='"x"', note="why", trend=[0.0, 1200.0], money=True)
    written = row([figure])
    assert "&lt;b&gt;" in written
    assert "$5 &amp; more" in written
    assert 'title="why"' in written
    assert 'alt="A line from $0 to $1.2k"' in written
    picture = written.partition("base64,")[2].partition('"')[0]
    assert b64decode(picture).decode() == spark([0.0, 1200.0])


def test_a_line_needs_two_values_and_spans_its_card() -> None:
    """From the left edge to the right one, from zero to the largest value; one value is no line."""
    assert 'points="0,38 120,20 240,2"' in spark([0.0, 5.0, 10.0])
    assert 'points="0,38 240,38"' in spark([0.0, 0.0])
    assert "<img" not in row([Figure(label="a", value="1", below="", note="", trend=[1.0])])
