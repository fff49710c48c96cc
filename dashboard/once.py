"""A form that is pressed writes once, however often and however fast it is pressed.

A press that comes while an earlier one is at work overtakes it: both run at once, and whatever the earlier one says to
its session from then on is lost, also that it is done. So what a form did is kept here, beside all sessions.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import TypeVar

_MOST_FORMS = 100
Told = TypeVar("Told")


@dataclass(slots=True)
class _Form:
    """A form that was pressed: one press at a time, and what it did if it did it."""

    one_at_a_time: Lock = field(default_factory=Lock)
    outcome: object | None = None


_forms: OrderedDict[str, _Form] = OrderedDict()
_forms_lock = Lock()


def once(token: str, act: Callable[[], Told], *, done: Callable[[Told], bool]) -> Told:
    """What the form with this token did; a press after the one whose outcome was `done` is told the same again.

    A press that was refused leaves the form as it was. Known are the last 100 forms of this process.

    >>> pressed = []
    >>> once("a-form", lambda: pressed.append("first") or len(pressed), done=bool)
    1
    >>> once("a-form", lambda: pressed.append("second") or len(pressed), done=bool), pressed
    (1, ['first'])
    """
    with _forms_lock:
        form = _forms.setdefault(token, _Form())
        _forms.move_to_end(token)
        while len(_forms) > _MOST_FORMS:
            _forms.popitem(last=False)
    with form.one_at_a_time:
        if form.outcome is None:
            told = act()
            if not done(told):
                return told
            form.outcome = told
        kept: Told = form.outcome  # type: ignore[assignment]  # a token is of one kind of form
        return kept
