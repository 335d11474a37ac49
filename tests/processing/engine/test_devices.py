import pytest

from processing.engine import DeviceUnavailable
from processing.engine.devices import check_active, choose_providers

CPU, CUDA, TENSORRT = "CPUExecutionProvider", "CUDAExecutionProvider", "TensorrtExecutionProvider"


def test_auto_takes_the_fastest_that_needs_no_preparation() -> None:
    assert choose_providers("auto", [TENSORRT, CUDA, CPU]) == [CUDA, CPU]
    assert choose_providers("auto", [CPU]) == [CPU]


def test_a_device_is_taken_alone() -> None:
    assert choose_providers("cuda", [TENSORRT, CUDA, CPU]) == [CUDA]
    assert choose_providers("cpu", [TENSORRT, CUDA, CPU]) == [CPU]


@pytest.mark.parametrize(
    ("device", "reason"), [("cuda", "offers only CPU"), ("abacus", "no device")]
)
def test_a_device_that_is_not_there_is_an_error(device: str, reason: str) -> None:
    with pytest.raises(DeviceUnavailable, match=reason):
        choose_providers(device, [CPU])


def test_a_silent_fall_back_is_an_error() -> None:
    assert check_active("cuda", [CUDA, CPU]) == CUDA
    assert check_active("auto", [CPU]) == CPU
    with pytest.raises(DeviceUnavailable, match="runs on CPUExecutionProvider"):
        check_active("cuda", [CPU])
