"""Reads the sentences of the sources, and keeps the catalogs in step: `make messages`.

Needs the gettext tools. Running the site does not: what it reads, `.mo` files and `static/words/`,
is committed, and a test holds all of it against the sources.
"""

import gettext
import json
import os
import re
import subprocess
import tempfile
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation.template import templatize

from tests.conftest import ROOT

LANGUAGES = [code for code, _ in settings.LANGUAGES if code != "en"]
DOMAINS = ("django", "djangojs")
# Pages' sentences and scripts' are two catalogs: a browser is sent only its own.
PYTHON = ("accounts", "bgerase_site", "processing")
KEYWORDS = (
    "gettext_noop",
    "gettext_lazy",
    "ngettext_lazy:1,2",
    "pgettext:1c,2",
    "npgettext:1c,2,3",
    "pgettext_lazy:1c,2",
    "npgettext_lazy:1c,2,3",
    "phrase",
    "phrases:1,2",
)
# The day of extraction would change the file each time, and says nothing.
_DAY = re.compile(r'^"POT-Creation-Date: .*\n', re.MULTILINE)


def catalog(language: str, domain: str, folder: Path = settings.LOCALE_PATHS[0]) -> Path:
    return folder / language / "LC_MESSAGES" / f"{domain}.po"


def script_words(language: str) -> Path:
    return ROOT / "static" / "words" / f"{language}.js"


def update() -> None:
    for domain in DOMAINS:
        for language in LANGUAGES:
            path = catalog(language, domain)
            path.write_text(merge(path, domain), encoding="utf-8")
            if domain == "django":
                path.with_suffix(".mo").write_bytes(compiled(path))
            else:
                script_words(language).write_text(as_script(path, language), encoding="utf-8")


def merge(path: Path, domain: str) -> str:
    """The catalog at `path` with the sentences that the sources have now, and no others."""
    with tempfile.TemporaryDirectory(prefix="bgerase-messages-") as scratch:
        template, merged = Path(scratch, f"{domain}.pot"), Path(scratch, f"{domain}.po")
        template.write_text(extract(domain), encoding="utf-8")
        run("msgmerge", "--quiet", "--force-po", "--no-fuzzy-matching", "--no-location",
            f"--output={merged}", path, template)  # fmt: skip
        return _DAY.sub("", run("msgattrib", "--force-po", "--no-obsolete", "--no-wrap", merged))


def extract(domain: str) -> str:
    """What the sources say, in the form of a catalog without translations."""
    with tempfile.TemporaryDirectory(prefix="bgerase-messages-") as scratch:
        files = list(_scripts() if domain == "djangojs" else _python(Path(scratch)))
        listed = Path(scratch, "files")
        listed.write_text("\n".join(map(str, files)), encoding="utf-8")
        language = "JavaScript" if domain == "djangojs" else "Python"
        return run("xgettext", f"--files-from={listed}", f"--language={language}",
                   "--from-code=UTF-8", "--no-location", "--no-wrap",
                   "--force-po", "--add-comments=Translators", "--output=-",
                   *(f"--keyword={keyword}" for keyword in KEYWORDS))  # fmt: skip


def _scripts() -> Iterable[Path]:
    return sorted((ROOT / "static" / "js").rglob("*.js"))


def _python(scratch: Path) -> Iterable[Path]:
    """Python as it is, and templates as the Python that Django makes of them."""
    for package in PYTHON:
        yield from sorted((ROOT / package).rglob("*.py"))
    templates = ROOT / "templates"
    for number, path in enumerate(sorted(templates.rglob("*.*"))):
        made = scratch / f"{number}.py"
        made.write_text(templatize(path.read_text(encoding="utf-8")), encoding="utf-8")
        yield made


def compiled(path: Path) -> bytes:
    with tempfile.TemporaryDirectory(prefix="bgerase-messages-") as scratch:
        made = Path(scratch, "catalog.mo")
        run("msgfmt", "--check-format", "--check-domain", f"--output-file={made}", path)
        return made.read_bytes()


def read(made: bytes) -> dict[Any, str]:
    """By the sentence; a form of a plural by the sentence and its number."""
    return gettext.GNUTranslations(BytesIO(made))._catalog  # type: ignore[attr-defined,no-any-return]


def as_script(path: Path, language: str) -> str:
    """What `static/js/pure/words.js` reads."""
    words: dict[str, str | list[str]] = {}
    for key, text in read(compiled(path)).items():
        if isinstance(key, tuple):
            forms = words.setdefault(key[0], ["", ""])
            assert isinstance(forms, list)
            forms[key[1]] = text
        elif key:
            words[key] = text
    told = json.dumps({"language": language, "words": words}, ensure_ascii=False, indent=1)
    return f"globalThis.siteWords = {told};\n"


def untranslated(path: Path) -> list[str]:
    """The sentences that nobody has translated, or somebody has to look at."""
    found = [run("msgattrib", one, "--no-wrap", path) for one in ("--untranslated", "--only-fuzzy")]
    return re.findall(r'^msgid "(.+)"$', "\n".join(found), re.MULTILINE)


def run(*words: str | Path) -> str:
    """Raises CalledProcessError, after the tool has said what it misses."""
    environment = os.environ | {"LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        [str(word) for word in words], cwd=ROOT, env=environment, stdout=subprocess.PIPE,
        check=True, text=True, encoding="utf-8",
    )  # fmt: skip
    return done.stdout


def main() -> None:
    update()
    for language in LANGUAGES:
        for domain in DOMAINS:
            missing = untranslated(catalog(language, domain))
            print(
                f"{language}, {domain}: {len(missing)} without a translation", *missing, sep="\n  "
            )


if __name__ == "__main__":
    main()
