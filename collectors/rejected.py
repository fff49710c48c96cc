"""What a reader hands back instead of a value: a refused row, or a source that cannot be read at all."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as made
from datetime import date

# The columns before a refused row's own, in the file that `offramp load` writes of them.
REASON_COLUMNS = ("rejected_row", "rejected_field", "reason", "cure")


@dataclass(frozen=True, slots=True)
class Rejected:
    """One refused row: its number in the source (1 is the first row of data), the field, what is wrong, the cure.

    `cells` is what of the row may be shown to whoever mends it; it holds no text of a prompt. `day` is that of which a
    pulled source was asked, where its rows begin with 1.
    """

    row: int
    field: str
    error: str
    cure: str
    cells: Mapping[str, str] = made(default_factory=dict, compare=False)
    day: date | None = None

    def sentence(self) -> str:
        """It in one line; where the whole row is wrong, it is named once.

        >>> Rejected(407, "row", "is not JSON", "write one JSON object a line").sentence()
        'row 407: is not JSON; write one JSON object a line'
        """
        place = f"row {self.row}" if self.field == "row" else f"row {self.row}, {self.field}"
        return f"{f'{self.day}, ' if self.day else ''}{place}: {self.error}; {self.cure}"


class SourceError(Exception):
    """A source that gave nothing; `permanent` says that trying again cannot help without a change."""

    def __init__(self, message: str, *, cure: str = "", permanent: bool = True) -> None:
        super().__init__(f"{message}; {cure}" if cure else message)
        self.message = message
        self.cure = cure
        self.permanent = permanent
