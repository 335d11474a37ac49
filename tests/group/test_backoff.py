import pytest

from bgerase_site.group.backoff import QUICK, QUICK_DEATHS, WELL, Backoff


def test_waits_double_up_to_half_a_minute() -> None:
    backoff = Backoff()
    lived = QUICK + 1
    assert [backoff.after_death(lived) for _ in range(7)] == [1, 2, 4, 8, 16, 30, 30]


def test_a_life_in_health_forgives_earlier_deaths() -> None:
    backoff = Backoff()
    for _ in range(4):
        backoff.after_death(QUICK + 1)
    assert backoff.after_death(WELL) == 1


def test_it_gives_up_after_quick_deaths_in_a_row() -> None:
    backoff = Backoff()
    waits = [backoff.after_death(0.1) for _ in range(QUICK_DEATHS)]
    assert waits == [1, 2, 4, 8, None]


@pytest.mark.parametrize("longer", [QUICK, WELL])
def test_a_longer_life_between_quick_deaths_starts_the_count_anew(longer: float) -> None:
    backoff = Backoff()
    for _ in range(QUICK_DEATHS - 1):
        assert backoff.after_death(0.1) is not None
    assert backoff.after_death(longer) is not None
    for _ in range(QUICK_DEATHS - 1):
        assert backoff.after_death(0.1) is not None
    assert backoff.after_death(0.1) is None
