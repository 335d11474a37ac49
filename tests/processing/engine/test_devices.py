from types import SimpleNamespace

import pytest

from processing.engine import DeviceUnavailable
from processing.engine.devices import check_active, choose_providers, is_gpu, load_libraries

CPU, CUDA, TENSORRT = "CPUExecutionProvider", "CUDAExecutionProvider", "TensorrtExecutionProvider"


def test_auto_takes_the_fastest_that_needs_no_preparation() -> None:
    assert choose_providers("auto", [TENSORRT, CUDA, CPU]) == [CUDA, CPU]
    assert choose_providers("auto", [CPU]) == [CPU]


def test_a_device_is_taken_alone() -> None:
    assert choose_providers("cuda", [TENSORRT, CUDA, CPU]) == [CUDA]
    assert choose_providers("cpu", [TENSORRT, CUDA, CPU]) == [CPU]


def test_what_tensorrt_leaves_goes_to_cuda_where_that_is_there() -> None:
    assert choose_providers("tensorrt", [TENSORRT, CUDA, CPU]) == [TENSORRT, CUDA]
    assert choose_providers("tensorrt", [TENSORRT, CPU]) == [TENSORRT]
    assert check_active("tensorrt", [TENSORRT, CUDA, CPU]) == TENSORRT
    with pytest.raises(DeviceUnavailable, match="runs on CUDA"):
        check_active("tensorrt", [CUDA, CPU])


@pytest.mark.parametrize(("provider", "gpu"), [(CPU, False), (CUDA, True), (TENSORRT, True)])
def test_only_a_gpu_needs_its_libraries_and_takes_photos_by_the_batch(
    provider: str, gpu: bool
) -> None:
    loaded: list[str] = []
    runtime = SimpleNamespace(preload_dlls=lambda: loaded.append(provider))
    load_libraries(runtime, [provider])
    assert loaded == [provider] * gpu
    assert is_gpu(provider) is gpu
    load_libraries(SimpleNamespace(), [provider])


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
