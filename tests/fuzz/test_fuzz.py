"""A few hundred mutations, and that the machinery notices what it is there to notice."""

import sys
from collections import Counter
from pathlib import Path

import pytest

from processing.engine import MEDIA_TYPES, Limits
from processing.engine.decoding import decode
from tests.fuzz.mutations import make_case
from tests.fuzz.pool import Result, decoder, run
from tests.fuzz.samples import Sample, make_samples, read_samples


@pytest.fixture(scope="module")
def samples() -> list[Sample]:
    return make_samples()


def run_all(argv: list[str], count: int, seconds: float = 5) -> tuple[list[Result], list[str]]:
    results: list[Result] = []
    left_over = run(argv, range(count), seconds, 2, results.append)
    return sorted(results, key=lambda one: one.number), left_over


def test_every_mutation_ends_in_a_photo_or_a_photo_error() -> None:
    results, left_over = run_all(decoder(7, 1500, []), 300)
    assert [one for one in results if one.is_failure] == []
    assert left_over == []
    assert [one.number for one in results] == list(range(300))
    outcomes = Counter(one.outcome for one in results)
    assert outcomes["decoded"] > 30
    assert outcomes["decode_failed"] + outcomes["truncated"] > 80


def test_there_are_samples_of_every_kind(samples: list[Sample]) -> None:
    assert {kind for kind, _ in samples} == set(MEDIA_TYPES)
    good = [photo for kind, photo in samples if kind in {"jpeg", "webp", "heic"}][:3]
    assert all(decode(photo, Limits()).rgb for photo in good)


def test_a_seed_and_a_number_make_the_same_case_again(samples: list[Sample]) -> None:
    cases = [make_case(samples, 3, number) for number in range(60)]
    assert cases == [make_case(samples, 3, number) for number in range(60)]
    assert cases != [make_case(samples, 4, number) for number in range(60)]
    assert len(set(cases)) > 50
    good = {photo for _, photo in samples}
    assert sum(case not in good for case in cases) > 50


def test_a_folder_adds_its_files(tmp_path: Path, samples: list[Sample]) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.gif").write_bytes(b"GIF89a\1\0\1\0\0\0\0")
    (tmp_path / "empty").touch()
    assert read_samples(tmp_path) == [("gif", b"GIF89a\1\0\1\0\0\0\0")]


BEHAVIOURS = """
import json, os, sys, tempfile, time
print(1, flush=True)
for line in sys.stdin:
    number = int(line)
    if number == 1: time.sleep(60)
    if number == 2: os.abort()
    if number == 3: tempfile.mkstemp()
    outcome = "escaped KeyError" if number == 4 else "decoded"
    print(json.dumps([outcome, 0.1, 50]), flush=True)
"""


def test_what_hangs_dies_or_escapes_is_told_and_the_rest_goes_on() -> None:
    results, left_over = run_all([sys.executable, "-c", BEHAVIOURS], 7, seconds=0.5)
    told = [one.outcome for one in results if one.is_failure]
    assert told == ["killed after 0.5 s", "died with -6", "escaped KeyError"]
    assert [one.outcome for one in results].count("decoded") == 4
    assert len(left_over) == 1
