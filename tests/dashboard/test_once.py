"""A form writes once: pressed at the same time, again, or after it was refused."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

from dashboard.once import once


def test_a_press_while_the_first_is_at_work_waits_and_is_told_the_same() -> None:
    """Streamlit runs both at once: one write, one outcome."""
    at_work, may_end, writes = Event(), Event(), []

    def act() -> str:
        writes.append("row")
        at_work.set()
        assert may_end.wait(30)
        return f"written {len(writes)}"

    with ThreadPoolExecutor(3) as presses:
        first = presses.submit(once, "overtaken", act, done=bool)
        assert at_work.wait(30)
        later = [presses.submit(once, "overtaken", act, done=bool) for _ in range(2)]
        may_end.set()
        assert [press.result(30) for press in (first, *later)] == ["written 1"] * 3
    assert writes == ["row"]


def test_a_refused_press_may_be_made_again() -> None:
    """Only what was done is told again; another form is another form."""
    answers = iter(["", "done", "another"])
    assert [once("refused", lambda: next(answers), done=bool) for _ in range(3)] == ["", "done", "done"]
    assert once("of somebody else", lambda: next(answers), done=bool) == "another"


def test_the_oldest_forms_are_forgotten() -> None:
    """What is kept is bounded."""
    numbers = iter(range(1, 1000))
    told = [once(f"form {number}", lambda: next(numbers), done=bool) for number in (*range(101), 0)]
    assert told == list(range(1, 103))
