import pytest

from accounts.devices import choose_icon, name_device

AGENTS = {
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0": (
        "Firefox on Linux",
        "monitor",
    ),
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0": ("Edge on Windows", "monitor"),
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/18.5 Mobile/15E148 Safari/604.1": ("Safari on iPhone", "smartphone"),
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/141.0.0.0 Mobile Safari/537.36": ("Chrome on Android", "smartphone"),
    "Mozilla/5.0 (iPad; CPU OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "CriOS/120.0 Mobile/15E148 Safari/604.1": ("Chrome on iPad", "tablet"),
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.5 Safari/605.1.15": ("Safari on Mac", "monitor"),
    "curl/8.5.0": ("curl", "monitor"),
    "": ("An unknown browser", "monitor"),
}


@pytest.mark.parametrize("agent", AGENTS)
def test_a_device_is_named_as_its_owner_would_name_it(agent: str) -> None:
    assert (name_device(agent), choose_icon(agent)) == AGENTS[agent]
