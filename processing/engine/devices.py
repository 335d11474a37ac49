"""Which execution provider of onnxruntime a model runs on; never another one than was asked for."""

from __future__ import annotations

from processing.engine.errors import DeviceUnavailable

PROVIDERS = {
    "cpu": "CPUExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "tensorrt": "TensorrtExecutionProvider",
    "openvino": "OpenVINOExecutionProvider",
}
# TensorRT is left out of auto: it builds an engine for minutes at its first run.
_AUTO = ("cuda", "openvino", "cpu")


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
    return [PROVIDERS[device]]


def check_active(device: str, active: list[str]) -> str:
    """The provider in use. Raises DeviceUnavailable where onnxruntime fell back to the CPU."""
    provider = active[0]
    if device != "auto" and provider != PROVIDERS[device]:
        raise DeviceUnavailable(
            f"The device {device} was asked for, but onnxruntime could not start it and runs on"
            f" {provider}. Check its driver and libraries, or choose the device auto or cpu."
        )
    return provider
