"""Where a model's file fixes the number of photos; the messages are written by hand."""

import pytest

from processing.engine.axes import FREE, find_fixed_batches, free_batches


def message(number: int, *contents: bytes) -> bytes:
    body = b"".join(contents)
    assert len(body) < 128
    return bytes([number << 3 | 2, len(body)]) + body


def value(*dimensions: bytes) -> bytes:
    """A ValueInfoProto of a name and a shape."""
    shape = b"".join(message(1, one) for one in dimensions)
    tensor = b"\x08\x01" + message(2, shape)
    return message(1, b"name") + message(2, message(1, tensor))


ONE, THREE = b"\x08\x01", b"\x08\x03"
NODE = message(1, message(4, b"Conv"), b"\x15\x00\x00\x80\x3f", b"\x19" + bytes(8))


def model(inputs: bytes, outputs: bytes) -> bytes:
    graph = message(7, NODE, message(11, inputs), message(12, outputs))
    return b"\x08\x07" + message(2, b"pytorch") + graph + message(8, b"\x10\x0b")


def test_a_batch_fixed_to_one_is_found_at_both_ends() -> None:
    file = model(value(ONE, THREE), value(ONE, ONE))
    found = find_fixed_batches(file)
    assert len(found) == 2
    freed = b"".join(free_batches(memoryview(file), found))
    assert freed == model(value(FREE, THREE), value(FREE, ONE))
    assert find_fixed_batches(freed) == []


def test_what_is_free_or_fixed_to_more_is_left_alone() -> None:
    assert find_fixed_batches(model(value(message(2, b"N"), ONE), value(THREE))) == []
    assert find_fixed_batches(model(message(1, b"name"), value())) == []


@pytest.mark.parametrize(
    "file",
    [
        model(value(ONE), value(ONE))[:-1],
        b"\x3a\xff",
        b"\xff" * 12,
        b"\x0b\x00",
        b"<html></html>",
    ],
)
def test_what_is_no_model_is_told(file: bytes) -> None:
    with pytest.raises(ValueError, match="model file"):
        find_fixed_batches(file)
