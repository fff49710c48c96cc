"""How the dashboard is started: its settings as Streamlit's own option names.

`App.run` looks for config.toml beside the program that was started (the `offramp` command), not beside app.py, so an
installed Offramp hands the packaged file over itself.
"""

import tomllib
from ipaddress import ip_address
from pathlib import Path
from typing import Any

SCRIPT = Path(__file__).with_name("app.py")
_FILE = Path(__file__).with_name(".streamlit") / "config.toml"


def _flat(table: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    options: dict[str, Any] = {}
    for name, value in table.items():
        if isinstance(value, dict):
            options |= _flat(value, f"{prefix}{name}.")
        else:
            options[f"{prefix}{name}"] = value
    return options


def options(*, port: int, address: str = "127.0.0.1") -> dict[str, Any]:
    """What to pass to `streamlit.App.run(config=...)`: dotted option names and their values.

    Off loopback the host names people will use are not known here, so any is let in: a proxy or a firewall guards then.
    """
    chosen = _flat(tomllib.loads(_FILE.read_text(encoding="utf-8"))) | {"server.port": port, "server.address": address}
    if not ip_address(address).is_loopback:
        del chosen["server.allowedHosts"]
    return chosen


def strategy_colours() -> list[str]:
    """The colours of code, embed, distill, hybrid and prompt, in this order, as #rrggbb."""
    colours: list[str] = _flat(tomllib.loads(_FILE.read_text(encoding="utf-8")))["theme.chartCategoricalColors"]
    return colours
