"""Which ES modules a page's script needs before it can run, read from the imports in their text.

Without a bundler a browser learns of a module's imports only when it has the module: each step down
costs a way to the server and back. Told of all of them at once, it fetches them side by side.
"""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from posixpath import dirname, join, normpath

from django.contrib.staticfiles import finders

# What a module imports at once stands at the start of a line. `import()`, which waits until it is
# needed, stands inside a function, and the types of a comment stand behind its star.
_IMPORT = re.compile(
    r"""^(?:import|export)\b(?:[^;"']*?\bfrom)?\s*["'](\.[^"']+)["']""", re.MULTILINE
)


@cache
def needed(name: str) -> tuple[str, ...]:
    """The script itself and everything that it imports, as names of static files, nearest first."""
    found = [name]
    for one in found:  # It grows while it is walked.
        found += [imported for imported in _imports(one) if imported not in found]
    return tuple(found)


def _imports(name: str) -> Iterator[str]:
    path = finders.find(name)
    if path is None:
        raise LookupError(f"There is no script {name}")
    for relative in dict.fromkeys(_IMPORT.findall(Path(path).read_text(encoding="utf-8"))):
        yield normpath(join(dirname(name), relative))
