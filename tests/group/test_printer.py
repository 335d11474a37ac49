import io

from bgerase_site.group.printer import Lines, Printer


def test_prefixes_are_as_wide_as_the_longest_name() -> None:
    output = io.StringIO()
    printer = Printer(["web", "worker"], output)
    printer.line("web", "ready")
    printer.line("worker", "ready")
    printer.say("Both run.")
    assert output.getvalue() == "web    | ready\nworker | ready\nBoth run.\n"


def test_on_a_terminal_each_part_has_its_colour() -> None:
    output = io.StringIO()
    printer = Printer(["web", "worker"], output, colour=True)
    printer.line("web", "x")
    printer.line("worker", "x")
    first, second = output.getvalue().splitlines()
    assert first.startswith("\x1b[36mweb    |\x1b[0m ")
    assert second.startswith("\x1b[33mworker |\x1b[0m ")


def test_bytes_become_whole_lines() -> None:
    lines = Lines()
    assert lines.feed(b"on") == []
    assert lines.feed(b"e\ntwo\r\nthr") == ["one", "two"]
    assert lines.end() == ["thr"]
    assert lines.end() == []


def test_a_line_without_an_end_is_not_kept_for_ever() -> None:
    lines = Lines()
    assert sum(len(line) for line in lines.feed(b"x" * 100_000)) == 100_000
    assert lines.end() == []


def test_bytes_that_are_no_text_are_shown_as_such() -> None:
    assert Lines().feed(b"\xff\n") == ["\ufffd"]
