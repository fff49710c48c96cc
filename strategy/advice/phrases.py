"""How options and seeds are named in a sentence."""


def capital(text: str) -> str:
    """The text as a sentence begins."""
    return text[0].upper() + text[1:]


def seeds_of(seeds: tuple[str, ...]) -> str:
    """The seeds as a sentence names them.

    >>> seeds_of(("seed000", "seed003"))
    'seed 000, seed 003'
    """
    return ", ".join(seed.replace("seed", "seed ") for seed in seeds)
