"""The data files of this folder, as they are installed."""

from importlib.resources import files
from typing import Any

import yaml

# The loader in C reads them in a tenth of the time; an installation of PyYAML without it has the other.
_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def packaged(*names: str) -> bytes:
    """The content of data files, one after the other."""
    return b"".join((files("collectors") / name).read_bytes() for name in names)


def packaged_yaml(name: str) -> dict[str, Any]:
    """What a data file of YAML says."""
    content: dict[str, Any] = yaml.load(packaged(name), Loader=_LOADER)  # noqa: S506 (safe, in C or not)
    return content
