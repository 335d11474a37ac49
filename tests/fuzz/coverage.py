"""Photos mutated by libFuzzer, led by what the engine's own lines do with them.

    python -m tests.fuzz.coverage MINUTES [FOLDER]

Needs atheris (`make fuzz-atheris` installs it), which has no wheel for every platform. The C of
the parsers is not instrumented; it runs in this process, so that a crash of it ends this.
"""

import sys
import tempfile
import warnings
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["processing.engine"]):
    from processing.engine import Limits, PhotoError
    from processing.engine.decoding import decode
    from processing.engine.essence import find_essence

from tests.fuzz.pool import ROOT
from tests.fuzz.samples import make_samples, read_samples

# Few pixels, for many photos a second; the other limits are the engine's own.
LIMITS = Limits(max_bytes=2_000_000, max_pixels=2_000_000)
FOUND = ROOT / "var" / "fuzz"


def judge(photo: bytes) -> None:
    """Anything but a decoded photo and a PhotoError is a find."""
    try:
        decoded = decode(photo, LIMITS)
    except PhotoError:
        return
    assert decoded.rgb.mode == "RGB"
    again = find_essence(photo, decoded.kind)
    assert find_essence(again.photo, decoded.kind).photo == again.photo, "reduced twice differs"


def main(minutes: str, *folders: str) -> None:
    warnings.simplefilter("ignore")
    FOUND.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as corpus:
        samples = make_samples()
        for folder in folders:
            samples += read_samples(Path(folder))
        for number, (kind, photo) in enumerate(samples):
            Path(corpus, f"{number}.{kind}").write_bytes(photo)
        seconds = round(float(minutes) * 60)
        limits = [f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=2500"]
        options = [*limits, "-max_len=60000", f"-artifact_prefix={FOUND}/", "-close_fd_mask=2"]
        atheris.Setup([sys.argv[0], *options, corpus], judge)
        atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])
