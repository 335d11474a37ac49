"""Figures against goals, each measured on a site in a folder and a process of its own."""

import json
import os
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass

from tests.bench.site import data_folder


@dataclass
class Figure:
    what: str
    goal: float
    p50: float
    p95: float
    unit: str = "ms"
    worst: bool = False  # Then `p95` is the worst that was seen.

    @property
    def held(self) -> float:
        """Goals that name p95, or the worst, are held against it, the others against p50."""
        return self.p95 if self.worst or "p95" in self.what else self.p50


def in_a_site(measure: Callable[[], list[Figure]], **environment: str) -> list[Figure]:
    """Runs `measure` in a process of its own: Django takes its settings once."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        code = 1
        try:
            with data_folder(**environment), os.fdopen(writer, "w") as out:
                set_up()
                json.dump([asdict(one) for one in measure()], out)
            code = 0
        except BaseException:  # noqa: BLE001
            traceback.print_exc()
        finally:
            os._exit(code)
    os.close(writer)
    with os.fdopen(reader) as lines:
        answer = lines.read()
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
        raise SystemExit("a measurement failed; its error is above")
    return [Figure(**one) for one in json.loads(answer)]


def set_up() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "bgerase_site.settings"
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)


def print_all(figures: list[Figure]) -> None:
    print(f"{'':55}{'p50':>9}{'p95':>9}{'goal':>9}")
    for one in figures:
        mark = "" if one.held <= one.goal else "  missed"
        row = f"{one.p50:9.4g}{one.p95:9.4g}{one.goal:9.4g} {one.unit}{mark}"
        print(f"{one.what:55}{row}")
