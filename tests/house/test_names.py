"""Names and habits that no linter knows: what would shadow, what would hide, what would not be ours to fake."""

import ast
import re
import sys
from importlib.metadata import packages_distributions

from tests.house.sources import PACKAGES, ROOT, Module, code, modules

# They say nothing: what is in them has a name.
EMPTY_WORDS = {"base_utils", "common", "helper", "helpers", "manager", "managers", "misc", "services", "util", "utils"}
FAKING = {"setattr", "delattr", "setitem", "delitem"}
IGNORE = re.compile(r"#\s*(?:noqa|type:\s*ignore|pragma|fmt:)|\bexcept (?:Base)?Exception\b")
REASONED = re.compile(
    r"#\s*noqa: [A-Z]+\d+(?:, ?[A-Z]+\d+)* \((?!as above).+\)"
    r"|#\s*type: ignore\[[a-z, -]+\]\s+# (?!as above)\S.+"
    r"|#\s*fmt: skip # \S.+"
    r"|except (?:Base)?Exception.*:  # (?!noqa)\S.+"
)


def _with_text(found: Module, text: str) -> list[str]:
    lines = enumerate(found.text.splitlines(), start=1)
    return [f"{found.name}:{number}" for number, line in lines if text in line]


def test_no_page_shadows_a_package() -> None:
    """Streamlit puts dashboard/ first on sys.path: nothing in it may be called like something that is imported."""
    taken = {*PACKAGES, *sys.stdlib_module_names, *packages_distributions()}
    inside = {path.stem for path in (ROOT / "dashboard").iterdir() if path.suffix == ".py" or path.is_dir()}
    assert inside & taken - {"__pycache__"} == set()


def test_every_folder_of_tests_is_a_package() -> None:
    """tests/db without its __init__.py would be imported as `db`, and the suite would break."""
    folders = {module.path.parent for module in modules("tests")}
    assert [folder.name for folder in sorted(folders) if not (folder / "__init__.py").is_file()] == []


def test_no_module_has_an_empty_name() -> None:
    """What a module holds has a name; `utils` is none."""
    assert [found.name for found in code() if EMPTY_WORDS & {found.path.stem, found.path.parent.name}] == []


def test_state_lives_in_the_url() -> None:
    """Only dashboard/selection.py keeps session state."""
    users = {found.name for found in code() if "session_state" in found.text}
    assert users == {"dashboard/selection.py"}


def test_no_html_is_smuggled_into_a_page() -> None:
    """Looks come from the theme: no page asks for raw HTML; one row of figures is written as some, escaped."""
    assert [place for found in code() for place in _with_text(found, "unsafe_allow" + "_html")] == []
    written = {place.partition(":")[0] for found in code() for place in _with_text(found, "st.html" + "(")}
    assert written == {"dashboard/pieces.py"}


def test_one_place_commits() -> None:
    """A transaction ends where it was begun, in db/session.py: nobody else calls commit."""
    committing = [
        f"{found.name}:{node.lineno}"
        for found in code()
        for node in ast.walk(found.tree)
        if isinstance(node, ast.Attribute) and node.attr == "commit"
    ]
    assert committing == []


def test_nothing_of_ours_is_faked() -> None:
    """Fakes stand at the outer edge: fewer than one test in twenty replaces an attribute, and none uses mock."""
    tests, faking = 0, set[str]()
    for module in modules("tests"):
        imported = [node for node in ast.walk(module.tree) if isinstance(node, ast.Import | ast.ImportFrom)]
        assert not [node for node in imported if "mock" in ast.unparse(node)], module.name
        for function in module.functions():
            tests += function.name.startswith("test_")
            if any(_replaces(node) for node in ast.walk(function)):
                faking.add(f"{module.name}:{function.lineno} {function.name}")
    assert len(faking) < tests / 20, sorted(faking)


def _replaces(node: ast.AST) -> bool:
    if not (isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)):
        return False
    return node.value.id == "monkeypatch" and node.attr in FAKING


def test_every_exception_has_its_reason() -> None:
    """A rule is switched off for one line, and any failure is caught, with the reason on the line itself."""
    everything = (*code(), *modules("tests"), *modules("benchmarks"))
    unreasoned = [
        f"{module.name}:{number} {line.strip()}"
        for module in everything
        if module.path != ROOT / "tests" / "house" / "test_names.py"
        for number, line in enumerate(module.text.splitlines(), start=1)
        if IGNORE.search(line) and not REASONED.search(line)
    ]
    assert unreasoned == []
