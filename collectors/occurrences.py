"""How often a row was already seen in its file: what tells two equal rows apart without an id."""


class Occurrences:
    """Counts equal rows by 64 bits of their key: some 60 bytes for a row seen once."""

    def __init__(self) -> None:
        self._once: set[int] = set()
        self._more: dict[int, int] = {}

    def seen_before(self, key: bytes) -> int:
        """How often this key was asked for before: 0 the first time."""
        short = int.from_bytes(key[:8], "big")
        if short not in self._once:
            self._once.add(short)
            return 0
        self._more[short] = self._more.get(short, 0) + 1
        return self._more[short]
