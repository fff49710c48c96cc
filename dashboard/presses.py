"""What the buttons of one session are at: each form is written once, and what it did is told.

Streamlit answers whatever a reader does while the page works by starting the page anew beside it: both run at once, and
the older one is stopped as soon as it touches its session, so that it could not say what it had done, nor that it had.
So a press is kept here, in an object that lies in the session and is changed without it.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import TypeVar

_MOST_FORMS = 100
# A mail server may be slow to answer; who leaves for another page is not held up for as long.
_PATIENCE_SECONDS = 10.0
Told = TypeVar("Told")


@dataclass(slots=True)
class Presses:
    """The presses of one session: one at a time, what each form did, and the outcome that no page has told of yet.

    >>> presses, written = Presses(), []
    >>> presses.once("a-form", lambda: written.append("first") or len(written), done=bool)
    1
    >>> presses.once("a-form", lambda: written.append("second") or len(written), done=bool), written
    (1, ['first'])
    """

    _at_work: Lock = field(default_factory=Lock)
    _forms: OrderedDict[str, object] = field(default_factory=OrderedDict)
    _untold: object | None = None
    _telling: object | None = None
    _tellings: int = 0

    def once(self, form: str, act: Callable[[], Told], *, done: Callable[[Told], bool]) -> Told:
        """What this form did; a press after the one whose outcome was `done` is told the same again.

        A press that was refused leaves the form as it was. Known are the last 100 forms.
        """
        with self._at_work:
            kept: Told | None = self._forms.get(form)  # type: ignore[assignment]  # a name is of one kind of form
            told = act() if kept is None else kept
            if kept is None and done(told):
                self._forms[form] = told
                if len(self._forms) > _MOST_FORMS:
                    self._forms.popitem(last=False)
            self._untold = told
            return told

    def until_told(self, button: str) -> str:
        """The form that a button without one is: the same until a page has told what it did."""
        return f"{button} {self._tellings}"

    def settle(self) -> None:
        """Begin a page: what is at work is waited for; what an overtaken page was about to tell is told by this one."""
        if self._at_work.acquire(timeout=_PATIENCE_SECONDS):
            self._at_work.release()
        self._untold, self._telling = self._telling if self._untold is None else self._untold, None

    def waits(self) -> bool:
        """Whether something was done that no page has told of yet."""
        return self._untold is not None

    def take(self) -> object | None:
        """What the last press did, for the page that is being drawn."""
        self._untold, self._telling = None, self._untold
        return self._telling

    def told(self) -> None:
        """End a page: its reader has seen what it told."""
        if self._telling is not None:
            self._telling = None
            self._tellings += 1
