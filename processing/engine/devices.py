"""Which execution provider of onnxruntime a model runs on; never another one than was asked for."""

from __future__ import annotations

from typing import Any

from processing.engine.errors import DeviceUnavailable

PROVIDERS = {
    "cpu": "CPUExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "tensorrt": "TensorrtExecutionProvider",
    "openvino": "OpenVINOExecutionProvider",
}
# TensorRT is left out of auto: it builds an engine for minutes at its first run.
_AUTO = ("cuda", "openvino", "cpu")
_GPUS = {PROVIDERS["cuda"], PROVIDERS["tensorrt"]}


def is_gpu(provider: str) -> bool:
    """Whether several photos in one call cost little more there than one."""
    return provider in _GPUS


def choose_providers(device: str, available: list[str]) -> list[str]:
    """In order of choice. Raises DeviceUnavailable for a device that is not among `available`."""
    if device == "auto":
        return [PROVIDERS[name] for name in _AUTO if PROVIDERS[name] in available]
    if device not in PROVIDERS:
        choices = ", ".join(["auto", *PROVIDERS])
        raise DeviceUnavailable(f"There is no device {device!r}. Choose one of {choices}.")
    if PROVIDERS[device] not in available:
        raise DeviceUnavailable(
            f"The device {device} was asked for, but the installed onnxruntime offers only"
            f" {', '.join(available)}. Install the build that has {PROVIDERS[device]}, or choose"
            " the device auto or cpu."
        )
    # What TensorRT does not know runs on CUDA beside it, not on the CPU.
    behind = ["cuda"] if device == "tensorrt" and PROVIDERS["cuda"] in available else []
    return [PROVIDERS[name] for name in (device, *behind)]


def load_libraries(runtime: Any, providers: list[str]) -> None:
    """Loads CUDA's and cuDNN's libraries where they came as Python packages: onnxruntime (since
    1.21) finds them there only when it is told to. Where there are none it goes by the system's.
    """
    if _GPUS & set(providers) and hasattr(runtime, "preload_dlls"):
        runtime.preload_dlls()


def check_active(device: str, active: list[str]) -> str:
    """The provider in use. Raises DeviceUnavailable where onnxruntime fell back to the CPU."""
    provider = active[0]
    if device != "auto" and provider != PROVIDERS[device]:
        raise DeviceUnavailable(
            f"The device {device} was asked for, but onnxruntime could not start it and runs on"
            f" {provider}. Check its driver and libraries, or choose the device auto or cpu."
        )
    return provider
