"""Runs the suite of every pull collector against a DuckDB file and an embedded ClickHouse, through their own drivers.

Trino, Snowflake and BigQuery nobody has here: their query, its bounds and its rows go through their own dialects.

    python -m tests.warehouses [FOLDER]

FOLDER keeps the environments (by default one beside the machine's temporary files): each has its driver, and sees what
this interpreter has installed. Ends with 1 where a test fails.
"""

import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
URLS = {
    "duckdb": "duckdb:///{folder}/lake.duckdb",
    "chdb": "chdb:///{folder}/lake",
    "trino": "trino://reader@host:443/catalog/schema",
    "snowflake": "snowflake://reader:secret@account/db/schema?warehouse=wh",
    "bigquery": "bigquery://project/dataset?user_supplied_client=True",
}
_WHOLE = ("tests/offramp/test_collect.py", "-k", "warehouse and (sqlite or tested)")
_DIALECT = ("tests/warehouses/dialects.py",)


def main() -> None:
    """Every engine in turn."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.gettempdir()) / "offramp-warehouses"
    wrong = 0
    for engine, url in URLS.items():
        chosen = _WHOLE if "{folder}" in url else _DIALECT
        suite = (_python(folder, engine), "-m", "pytest", *chosen, "-q", "--warehouse", url)
        done = subprocess.run(suite, check=False, cwd=HERE.parent.parent)
        wrong += done.returncode != 0
        print(f"{engine:10} {'WRONG' if done.returncode else 'right'}")  # noqa: T201 (a program prints its findings)
    sys.exit(1 if wrong else 0)


def _python(folder: Path, engine: str) -> Path:
    python = folder / engine / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", folder / engine], check=True)
        (own,) = (folder / engine / "lib").glob("python*/site-packages")
        (own / "offramp.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
        wanted = HERE / f"{engine}.txt"
        subprocess.run([python, "-m", "pip", "install", "--quiet", "-r", wanted], check=True)
    return python


if __name__ == "__main__":
    main()
