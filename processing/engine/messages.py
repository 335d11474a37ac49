"""Protocol Buffers, as far as ONNX's files use them: a message is a row of numbered fields.

Nothing is copied on the way in: a field says where its content lies.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

Bytes = bytes | memoryview
Span = tuple[int, int]

VARINT, EIGHT_BYTES, LENGTH, FOUR_BYTES = 0, 1, 2, 5


class Field(NamedTuple):
    number: int
    kind: int
    start: int
    end: int


def walk(model: Bytes, span: Span) -> Iterator[Field]:
    """The fields of the message that lies there. Raises ValueError where it is damaged."""
    at, end = span
    while at < end:
        key, at = read_varint(model, at, end)
        length, at = _measure(model, at, end, key & 7)
        if at + length > end:
            raise ValueError("a field of this model file ends beyond its message")
        yield Field(key >> 3, key & 7, at, at + length)
        at += length


def find(model: Bytes, span: Span, wanted: int) -> Iterator[Span]:
    """Where the contents of a message's fields of one number are."""
    for field in walk(model, span):
        if field.number == wanted and field.kind == LENGTH:
            yield field.start, field.end


def _measure(model: Bytes, at: int, end: int, kind: int) -> tuple[int, int]:
    """The length of a field's content, and where the content begins."""
    if kind == LENGTH:
        return read_varint(model, at, end)
    if kind == VARINT:
        return read_varint(model, at, end)[1] - at, at
    if kind == EIGHT_BYTES:
        return 8, at
    if kind == FOUR_BYTES:
        return 4, at
    raise ValueError("this model file has a kind of field that ONNX does not use")


def read_varint(model: Bytes, at: int, end: int) -> tuple[int, int]:
    """A number, and where it ends."""
    value = shift = 0
    while at < end and shift < 64:
        byte = model[at]
        value |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            return value, at
        shift += 7
    raise ValueError("a number of this model file does not end")


def write_number(number: int, value: int) -> bytes:
    """A field that is a whole number of zero or more."""
    return _write_varint(number << 3 | VARINT) + _write_varint(value)


def write_parts(number: int, parts: Sequence[Bytes]) -> list[Bytes]:
    """A field whose content is these parts, one after the other; they are not copied."""
    length = sum(len(part) for part in parts)
    return [_write_varint(number << 3 | LENGTH) + _write_varint(length), *parts]


def write_text(number: int, text: str) -> bytes:
    return b"".join(write_parts(number, [text.encode()]))


def _write_varint(value: int) -> bytes:
    written = bytearray()
    while value >= 0x80:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    written.append(value)
    return bytes(written)
