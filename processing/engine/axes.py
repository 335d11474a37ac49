"""How many photos a model takes at once: U²-Net's files fix it to one, needlessly.

Their graphs work for any number, but the first axis of their inputs and outputs is written down as
1. Each such number is two bytes in the file (ONNX is Protocol Buffers; field numbers are from
onnx.proto): a field `dim_value` of 1. Overwritten by an empty `dim_param` of the same length it
means "any number", and no other byte has to move.
"""

from __future__ import annotations

from collections.abc import Iterator

Span = tuple[int, int]

_FIXED_TO_ONE = b"\x08\x01"  # dim_value = 1
FREE = b"\x12\x00"  # dim_param = ""

_GRAPH = 7
_INPUT, _OUTPUT = 11, 12
# ValueInfoProto.type, TypeProto.tensor_type, Tensor.shape, TensorShapeProto.dim
_TO_DIMENSIONS = (2, 1, 2, 1)
_VARINT, _EIGHT_BYTES, _LENGTH, _FOUR_BYTES = 0, 1, 2, 5


def find_fixed_batches(model: bytes | memoryview) -> list[int]:
    """Where in the file the batch axis of an input or output is fixed to one: write FREE there.

    Raises ValueError where `model` is no ONNX file.
    """
    found = []
    for graph in _find(model, (0, len(model)), _GRAPH):
        for number in (_INPUT, _OUTPUT):
            for value in _find(model, graph, number):
                start, end = _first_dimension(model, value)
                if bytes(model[start:end]) == _FIXED_TO_ONE:
                    found.append(start)
    return found


def _first_dimension(model: bytes | memoryview, span: Span) -> Span:
    for number in _TO_DIMENSIONS:
        first = next(_find(model, span, number), None)
        if first is None:
            return span[0], span[0]
        span = first
    return span


def _find(model: bytes | memoryview, span: Span, wanted: int) -> Iterator[Span]:
    """Where the contents of a message's fields of one number are."""
    at, end = span
    while at < end:
        key, at = _read_varint(model, at, end)
        length, at = _measure(model, at, end, key & 7)
        if at + length > end:
            raise ValueError("a field of this model file ends beyond its message")
        if key >> 3 == wanted and key & 7 == _LENGTH:
            yield at, at + length
        at += length


def _measure(model: bytes | memoryview, at: int, end: int, kind: int) -> tuple[int, int]:
    """The length of a field's content, and where the content begins."""
    if kind == _LENGTH:
        return _read_varint(model, at, end)
    if kind == _VARINT:
        return _read_varint(model, at, end)[1] - at, at
    if kind == _EIGHT_BYTES:
        return 8, at
    if kind == _FOUR_BYTES:
        return 4, at
    raise ValueError("this model file has a kind of field that ONNX does not use")


def _read_varint(model: bytes | memoryview, at: int, end: int) -> tuple[int, int]:
    value = shift = 0
    while at < end and shift < 64:
        byte = model[at]
        value |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            return value, at
        shift += 7
    raise ValueError("a number of this model file does not end")
