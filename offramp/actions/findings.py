"""What a check found: fine or not, in one line, and the cure where it is not."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of the doctor; `cure` is None where there is nothing to cure."""

    check: str
    ok: bool
    detail: str
    cure: str | None = None

    def document(self) -> dict[str, object]:
        """The finding as design's `doctor --json`."""
        return {"check": self.check, "ok": self.ok, "detail": self.detail, "cure": self.cure}


def fine(check: str, detail: str) -> Finding:
    """Nothing to do."""
    return Finding(check=check, ok=True, detail=detail)


def amiss(check: str, detail: str, cure: str) -> Finding:
    """Something needs a person, and this is what to do."""
    return Finding(check=check, ok=False, detail=detail, cure=cure)
