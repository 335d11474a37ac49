"""The documentation names what there is, and nothing that is not."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from django.core.management import get_commands
from django.urls import URLPattern, get_resolver

from bgerase_site import env
from processing.errors import ERRORS
from processing.views.errors import SENTENCES

ROOT = Path(__file__).resolve().parents[1]
OURS = ("bgerase_site", "processing", "accounts")


def read(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def settings_table() -> dict[str, str]:
    """Name to default, from the rows whose first cell is a variable in backticks."""
    rows = re.findall(r"^\| `BGERASE_(\w+)` \| ([^|]+) \|", read("settings.md"), re.MULTILINE)
    return {name: default.strip() for name, default in rows}


def test_every_setting_that_the_code_reads_is_documented_and_no_other() -> None:
    import bgerase_site.settings  # noqa: F401  Reading it fills READ.

    assert set(settings_table()) == set(env.READ)


def test_no_setting_is_documented_twice() -> None:
    names = re.findall(r"^\| `BGERASE_(\w+)` \|", read("settings.md"), re.MULTILINE)
    assert len(names) == len(set(names))


def test_every_documented_default_is_the_one_in_force() -> None:
    """A default in backticks is the value; in words it is something that depends."""
    wrong = {}
    for name, default in settings_table().items():
        literal = re.match(r"`([^`]+)`$", default)
        if literal and not re.search(r"DATA_DIR|PORT", literal[1]) and literal[1] != env.READ[name]:
            wrong[name] = (literal[1], env.READ[name])
    assert wrong == {}


def test_every_variable_that_is_named_anywhere_exists() -> None:
    pattern = re.compile(r"\bBGERASE_([A-Z][A-Z0-9_]*[A-Z0-9])\b")
    unknown = {}
    for path in tracked():
        if ROOT / "tests" in path.parents:
            continue  # Tests of the reader make up names.
        if path.suffix in {".md", ".py", ".html", ".toml"} or path.name == "Makefile":
            found = set(pattern.findall(path.read_text(encoding="utf-8")))
            named = {name.removesuffix("_FILE") for name in found}
            if strangers := named - set(env.READ):
                unknown[str(path.relative_to(ROOT))] = strangers
    assert unknown == {}


def test_every_code_is_documented_with_its_status() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (\d+) \|", read("api.md"), re.MULTILINE))
    statuses = {code: str(kind.status) for code, kind in ERRORS.items()}
    pages = {code: str(status) for code, (status, _) in SENTENCES.items()}
    assert rows == pages | statuses


def test_every_address_is_documented() -> None:
    text = read("api.md")
    for pattern in get_resolver().url_patterns:
        for path in written(pattern):
            assert f"`{path}`" in text, path


def written(pattern: object, before: str = "/") -> list[str]:
    """A route as the documentation writes it; allauth's, under /accounts/, are one."""
    here = before + re.sub(
        r"<\w+:(\w+)>", lambda name: f"<{name[1].rpartition('_')[2]}>", route(pattern)
    )
    if isinstance(pattern, URLPattern):
        return [here]
    if here == "/accounts/":
        return ["/accounts/…"]
    return [path for inner in pattern.url_patterns for path in written(inner, here)]  # type: ignore[attr-defined]


def route(pattern: object) -> str:
    return str(pattern.pattern)  # type: ignore[attr-defined]


def test_every_command_is_in_the_table_of_commands() -> None:
    ours = {name for name, app in get_commands().items() if app in OURS}
    assert {"models", "sweep", "up"} <= ours
    rows = re.findall(r"^\| `manage\.py (\w+)` \|", read("operations.md"), re.MULTILINE)
    assert sorted(rows) == sorted(ours)


def test_the_layers_are_those_of_the_import_contracts() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    (layers,) = (one["layers"] for one in contracts if one.get("containers") == ["processing"])
    places = {name: at for at, layer in enumerate(layers) for name in layer.split(" | ")}
    said = re.search(r"inside `processing`: ([^.]+)\.", read("architecture.md"))
    assert said
    steps = [{places[name] for name in step.split(", ")} for step in re.split(r"\s→\s", said[1])]
    assert all(len(step) == 1 for step in steps)
    order = [place for step in steps for place in step]
    assert order == sorted(set(order))


def test_every_target_of_make_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for path in (path for path in tracked() if path.suffix == ".md"):
        named = set(re.findall(r"`make ([\w-]+)", path.read_text(encoding="utf-8")))
        assert named <= targets, path


def test_each_of_the_38_ways_has_a_mechanism_and_a_test_that_exists() -> None:
    row = r"^\| (\d+) \| [^|]+ \| ([^|]+) \| ((?:(?:, )?`[\w/]+::\w+`)+) \|$"
    rows = re.findall(row, read("retention.md"), re.MULTILINE)
    assert [int(number) for number, *_ in rows] == list(range(1, 39))
    for number, mechanism, tests in rows:
        assert len(mechanism.strip()) > 3, number
        for path, name in re.findall(r"`([\w/]+)::(\w+)`", tests):
            source = (ROOT / "tests" / f"{path}.py").read_text(encoding="utf-8")
            assert f"def {name}(" in source, number


def test_every_link_between_documents_leads_somewhere() -> None:
    for path in (path for path in tracked() if path.suffix == ".md"):
        for link in re.findall(r"\]\(([^)\s]+)\)", path.read_text(encoding="utf-8")):
            if link.startswith(("http:", "https:", "mailto:")):
                continue
            name, _, heading = link.partition("#")
            leads_to = path.parent / name if name else path
            assert leads_to.exists(), f"{path.name}: {link}"
            assert not heading or heading in headings(leads_to), f"{path.name}: {link}"


def headings(path: Path) -> set[str]:
    """Of a page, as links name them: small letters, no punctuation, hyphens for blanks."""
    text = re.sub(r"(?ms)^```.*?^```$", "", path.read_text(encoding="utf-8"))
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


# Written in two halves, so that this file does not name what no file may name.
REGISTRIES = [
    ".".join(halves)
    for halves in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("registry.npmjs", "org"),
        ("deb", "debian.org"),
        ("npmmirror", "com"),
        ("proxy.golang", "org"),
    )
]
PLACES = [
    "/".join(halves) for halves in (("..", "shared"), ("", "work", "main"), ("", "work", "."))
]
MAKERS = [" ".join(halves) for halves in (("issues", "show"), ("the", "brief"), ("sub", "agent"))]


@pytest.mark.parametrize("word", REGISTRIES + PLACES + MAKERS)
def test_no_file_names_a_registry_or_how_and_where_it_was_made(word: str) -> None:
    sought = word.encode()
    naming = [path for path in tracked() if sought in path.read_bytes().lower()]
    assert [str(path.relative_to(ROOT)) for path in naming] == []


def tracked() -> list[Path]:
    """Every file under version control, wherever this was checked out and by whom."""
    argv = ["git", "-c", "safe.directory=*", "ls-files", "-z"]
    listed = subprocess.run(argv, cwd=ROOT, capture_output=True, check=True).stdout
    paths = [ROOT / name for name in listed.decode().split("\0") if name]
    return [path for path in paths if path.is_file()]
