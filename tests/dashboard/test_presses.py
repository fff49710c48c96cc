"""What a form did is written once and told once: pressed at the same time, again, refused, or overtaken while drawn."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

from dashboard.presses import Presses


def test_a_press_while_the_first_is_at_work_waits_and_is_told_the_same() -> None:
    """Streamlit runs both at once: one write, one outcome; a page that begins meanwhile tells it."""
    presses, at_work, may_end, writes = Presses(), Event(), Event(), []

    def act() -> str:
        writes.append("row")
        at_work.set()
        assert may_end.wait(30)
        return f"written {len(writes)}"

    def page() -> object | None:
        presses.settle()
        return presses.take()

    with ThreadPoolExecutor(4) as runs:
        first = runs.submit(presses.once, "overtaken", act, done=bool)
        assert at_work.wait(30)
        later = [runs.submit(presses.once, "overtaken", act, done=bool) for _ in range(2)]
        drawn = runs.submit(page)
        assert not drawn.done()
        may_end.set()
        assert [press.result(30) for press in (first, *later)] == ["written 1"] * 3
        assert drawn.result(30) == "written 1"
    assert writes == ["row"]


def test_a_refused_press_may_be_made_again() -> None:
    """Only what was done is told again; another form is another form."""
    presses, answers = Presses(), iter(["", "done", "another"])
    assert [presses.once("refused", lambda: next(answers), done=bool) for _ in range(3)] == ["", "done", "done"]
    assert presses.once("of somebody else", lambda: next(answers), done=bool) == "another"


def test_the_oldest_forms_are_forgotten() -> None:
    """What is kept is bounded."""
    presses, numbers = Presses(), iter(range(1, 1000))
    told = [presses.once(f"form {number}", lambda: next(numbers), done=bool) for number in (*range(101), 0)]
    assert told == list(range(1, 103))


def test_an_overtaken_page_leaves_its_telling_to_the_next() -> None:
    """Told is what a page told that was drawn to its end; a newer outcome is told instead of an older one."""
    presses = Presses()
    presses.once("form", lambda: "first", done=bool)
    assert (presses.waits(), presses.take(), presses.waits()) == (True, "first", False)
    presses.settle()
    assert presses.take() == "first"
    presses.once("another", lambda: "second", done=bool)
    presses.settle()
    assert presses.take() == "second"
    presses.told()
    presses.settle()
    assert presses.take() is None


def test_a_button_without_a_form_does_it_again_once_it_was_told() -> None:
    """Two presses before a page told the first are one; after it, the reader means another."""
    presses, numbers = Presses(), iter(range(1, 10))

    def press() -> int:
        return presses.once(presses.until_told("send"), lambda: next(numbers), done=bool)

    assert (press(), press()) == (1, 1)
    presses.take()
    presses.told()
    assert press() == 2
