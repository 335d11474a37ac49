"""What a page's script imports is announced by the page, and stays small."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.core.files.storage import FileSystemStorage
from django.template import Context, Template

from bgerase_site.modules import needed
from bgerase_site.staticfiles import HashedStaticFiles
from tests.conftest import ROOT

MOST_BYTES = 60_000  # Of all that a page runs before anybody has done anything, compressed.
SCRIPTS = sorted(
    {
        f"js/{name}"
        for page in (ROOT / "templates").rglob("*.html")
        for name in re.findall(r"% module '?\"?js/([\w/-]+\.js)", page.read_text())
    }
)


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> HashedStaticFiles:
    """Every module of ours as the site sends it: renamed, with its imports, compressed."""
    folder = tmp_path_factory.mktemp("static")
    storage = HashedStaticFiles(location=str(folder), base_url="/static/")
    source = FileSystemStorage(str(ROOT / "static"))
    names = [str(path.relative_to(ROOT / "static")) for path in (ROOT / "static/js").rglob("*.js")]
    for name in names:
        with source.open(name) as file:
            storage.save(name, file)
    paths: dict[str, Any] = {name: (storage, name) for name in names}
    for name, _, processed in storage.post_process(paths):
        assert not isinstance(processed, Exception), (name, processed)
    return storage


def sent_bytes(storage: HashedStaticFiles, name: str) -> int:
    """By gzip, the least that every browser takes. What does not shrink is sent as it is."""
    path = Path(storage.path(storage.stored_name(name)))
    packed = path.with_name(f"{path.name}.gz")
    return (packed if packed.exists() else path).stat().st_size


def test_there_are_scripts_to_measure() -> None:
    assert {"js/studio.js", "js/gallery.js", "js/image.js"} <= set(SCRIPTS)


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_page_runs_little_before_anybody_has_done_anything(
    collected: HashedStaticFiles, script: str
) -> None:
    sizes = {name: sent_bytes(collected, name) for name in needed(script)}
    assert sum(sizes.values()) <= MOST_BYTES, sorted(sizes.items(), key=lambda one: -one[1])


def test_what_is_imported_over_a_step_is_needed_too_and_named_once() -> None:
    names = needed("js/studio.js")
    assert names[0] == "js/studio.js"
    assert {"js/parts/uploads.js", "js/pure/queue.js", "js/pure/countdown.js"} <= set(names)
    assert len(names) == len(set(names))


def test_imports_are_found_in_every_way_they_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "page.js").write_text(
        '/** @type {import("./type.js").Type} */\n'
        'import "./bare.js";\nimport {\n  one,\n  two,\n} from "./lines.js";\n'
        'export * from "./again.js";\nimport other from "./other.js";\n'
        'const open = () => import("./later.js");\nconst words = "from ./words.js";\n'
    )
    for name in ("bare", "lines", "again", "other"):
        (tmp_path / f"{name}.js").write_text("")
    monkeypatch.setattr(finders, "find", lambda name: str(tmp_path / name))
    needed.cache_clear()
    assert needed("page.js") == ("page.js", "bare.js", "lines.js", "again.js", "other.js")
    needed.cache_clear()


def test_a_script_that_is_not_there_is_an_error_and_no_broken_page() -> None:
    with pytest.raises(LookupError, match="missing"):
        needed("js/missing.js")


def test_the_tag_writes_the_script_and_one_announcement_for_each_import() -> None:
    text = Template("{% load modules %}{% module 'js/landing.js' %}").render(Context())
    assert text.startswith('<script type="module" src="/static/js/landing.js"></script>')
    announced = re.findall(r'<link rel="modulepreload" href="/static/([^"]+)">', text)
    assert announced == list(needed("js/landing.js")[1:])


def test_what_a_script_asks_for_soon_is_announced_behind_what_it_needs_at_once() -> None:
    tag = "{% load modules %}{% module 'js/studio.js' soon='js/parts/inspect.js' %}"
    text = Template(tag).render(Context())
    announced = re.findall(r'<link rel="modulepreload" href="/static/([^"]+)">', text)
    at_once = list(needed("js/studio.js")[1:])
    later = [one for one in needed("js/parts/inspect.js") if one not in at_once]
    assert announced == at_once + later
    assert later[0] == "js/parts/inspect.js"
    assert "js/pure/sniff.js" in later
