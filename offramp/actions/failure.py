"""What went wrong, as a person can use it: where, what, and the cure."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong with the input: its row (None for the whole), field, error and cure."""

    error: str
    row: int | None = None
    field: str | None = None
    cure: str | None = None

    def document(self) -> dict[str, object]:
        """The error as design's JSON: {"error", "row", "field", "cure"}."""
        values = asdict(self)
        return {name: values[name] for name in ("error", "row", "field", "cure")}

    def sentence(self) -> str:
        """The error in one line."""
        place = ", ".join([*([f"row {self.row}"] if self.row else []), *([self.field] if self.field else [])])
        return (f"{place}: " if place else "") + self.error + (f"; {self.cure}" if self.cure else "")


class BadInput(Exception):  # noqa: N818 (it is what it says: input that cannot be used)
    """The input cannot be used and nothing was written."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(problem.sentence() for problem in problems))
        self.problems = tuple(problems)
