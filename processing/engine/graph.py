"""A model's graph, read from ONNX's file and written again (field numbers are from onnx.proto).

Only what is understood whole is read: anything else in the file is a NotUnderstood, since a graph
that is written again must lack nothing. Weights stay where they lie; they are views of the file.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain

from processing.engine.messages import (
    LENGTH,
    VARINT,
    Bytes,
    read_varint,
    walk,
    write_number,
    write_parts,
    write_text,
)

Shape = tuple[int, ...]
FLOAT, INT64 = 1, 7
_SIZES = {FLOAT: 4, INT64: 8}

_IR_VERSION, _GRAPH, _OPSETS = 1, 7, 8
_ABOUT = {2, 3, 4, 5, 6, 14}  # a model's producer, version, domain, description, metadata
_NODE, _NAME, _TENSOR, _DESCRIPTION, _INPUT, _OUTPUT, _BETWEEN = 1, 2, 5, 10, 11, 12, 13


class NotUnderstood(ValueError):
    """This model file may be good, but it has something that is not known here."""


@dataclass(frozen=True)
class Tensor:
    """`data` is little-endian, the last axis first: `shape` numbers of `kind`."""

    shape: Shape
    kind: int
    data: Bytes

    def whole_numbers(self) -> Shape:
        if self.kind != INT64:
            raise NotUnderstood("a tensor of this model file does not hold whole numbers")
        return struct.unpack(f"<{len(self.data) // 8}q", self.data)


@dataclass(frozen=True)
class Node:
    """`attributes` are messages as they lie in the file, by name."""

    kind: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Bytes]


@dataclass(frozen=True)
class End:
    """An input or output; `shape` is None where the file leaves an axis open."""

    name: str
    shape: Shape | None
    message: Bytes


@dataclass(frozen=True)
class Graph:
    """`nodes` come after what they need; `around` is what the file says of its maker."""

    name: str
    nodes: tuple[Node, ...]
    tensors: Mapping[str, Tensor]
    inputs: tuple[End, ...]
    outputs: tuple[End, ...]
    opset: int
    around: tuple[Bytes, ...]


def read_graph(model: Bytes) -> Graph:
    """Raises NotUnderstood, or another ValueError where the file is damaged."""
    fields = _Fields(model)
    fields.allow({_IR_VERSION, _GRAPH, _OPSETS, *_ABOUT})
    # Before 4, all weights had to be listed as inputs as well.
    if fields.number(_IR_VERSION) < 4:
        raise NotUnderstood("this model file has an old format")
    inner = _Fields(fields.only(_GRAPH))
    inner.allow({_NODE, _NAME, _TENSOR, _DESCRIPTION, _INPUT, _OUTPUT, _BETWEEN})
    tensors = dict(_read_tensor(content) for content in inner.all(_TENSOR))
    return Graph(
        name=inner.text(_NAME),
        nodes=tuple(_read_node(content) for content in inner.all(_NODE)),
        tensors=tensors,
        inputs=tuple(_read_end(content) for content in inner.all(_INPUT)),
        outputs=tuple(_read_end(content) for content in inner.all(_OUTPUT)),
        opset=_read_opset(fields.only(_OPSETS)),
        around=tuple(fields.whole(except_for=_GRAPH)),
    )


def write_graph(graph: Graph) -> list[Bytes]:
    """The file in parts, of which the weights are those that were read."""
    parts: list[Bytes] = []
    for node in graph.nodes:
        parts += write_parts(_NODE, _write_node(node))
    parts.append(write_text(_NAME, graph.name))
    for name, tensor in graph.tensors.items():
        parts += write_parts(_TENSOR, _write_tensor(name, tensor))
    for end in graph.inputs:
        parts += write_parts(_INPUT, [end.message])
    for end in graph.outputs:
        parts += write_parts(_OUTPUT, [end.message])
    return [*graph.around, *write_parts(_GRAPH, parts)]


# AttributeProto: name, f, i, s, t, ints, type
def attribute_number(node: Node, name: str, default: int) -> int:
    if name not in node.attributes:
        return default
    value = _Fields(node.attributes[name]).number(3)
    return value - (1 << 64) if value >> 63 else value


def attribute_numbers(node: Node, name: str, default: Shape) -> Shape:
    if name not in node.attributes:
        return default
    return _Fields(node.attributes[name]).numbers(8)


def attribute_text(node: Node, name: str, default: str) -> str:
    if name not in node.attributes:
        return default
    return _Fields(node.attributes[name]).text(4)


def attribute_tensor(node: Node, name: str) -> Tensor:
    if name not in node.attributes:
        raise NotUnderstood("a node of this model file lacks an attribute")
    return _read_tensor(_Fields(node.attributes[name]).only(5))[1]


def write_attribute_text(name: str, text: str) -> bytes:
    return write_text(1, name) + write_text(4, text) + write_number(20, 3)


class _Fields:
    """The fields of one message, by number."""

    def __init__(self, message: Bytes) -> None:
        self._message = message
        self._fields = list(walk(message, (0, len(message))))

    def allow(self, numbers: Iterable[int]) -> None:
        if {field.number for field in self._fields} - set(numbers):
            raise NotUnderstood("this model file has a field that is not known here")

    def all(self, number: int) -> list[Bytes]:
        found = [field for field in self._fields if field.number == number]
        if any(field.kind != LENGTH for field in found):
            raise NotUnderstood("a field of this model file is not of the expected kind")
        return [self._message[field.start : field.end] for field in found]

    def only(self, number: int) -> Bytes:
        found = self.all(number)
        if len(found) != 1:
            raise NotUnderstood("this model file lacks a field or has it twice")
        return found[0]

    def text(self, number: int) -> str:
        return bytes(self.only(number)).decode()

    def numbers(self, number: int) -> Shape:
        """Packed, or one field for each."""
        found: list[int] = []
        for field in self._fields:
            if field.number != number:
                continue
            if field.kind not in (VARINT, LENGTH):
                raise NotUnderstood("a number of this model file is not a whole one")
            at = field.start
            while at < field.end:
                value, at = read_varint(self._message, at, field.end)
                found.append(value)
        return tuple(found)

    def number(self, number: int) -> int:
        found = self.numbers(number)
        if len(found) != 1:
            raise NotUnderstood("this model file lacks a number or has it twice")
        return found[0]

    def whole(self, except_for: int) -> list[Bytes]:
        """Fields with their heads, as they lie in the file."""
        begins = [0, *(field.end for field in self._fields)]
        return [
            self._message[begin : field.end]
            for begin, field in zip(begins, self._fields, strict=False)
            if field.number != except_for
        ]


def _read_opset(message: Bytes) -> int:
    """The version of ONNX's own operators: its domain is an empty text or not there."""
    fields = _Fields(message)
    fields.allow({1, 2})
    if any(fields.all(1)):
        raise NotUnderstood("this model file has operators of its own")
    return fields.number(2)


def _read_node(message: Bytes) -> Node:
    # input, output, name, op_type, attribute, doc_string; a domain is none of ONNX's own.
    fields = _Fields(message)
    fields.allow({1, 2, 3, 4, 5, 6})
    return Node(
        kind=fields.text(4),
        inputs=tuple(bytes(name).decode() for name in fields.all(1)),
        outputs=tuple(bytes(name).decode() for name in fields.all(2)),
        attributes={_Fields(one).text(1): one for one in fields.all(5)},
    )


def _write_node(node: Node) -> list[Bytes]:
    texts = chain(
        (write_text(1, name) for name in node.inputs),
        (write_text(2, name) for name in node.outputs),
        (write_text(4, node.kind),),
    )
    attributes = (write_parts(5, [message]) for message in node.attributes.values())
    return [*texts, *chain.from_iterable(attributes)]


def _read_tensor(message: Bytes) -> tuple[str, Tensor]:
    """Its name (empty for a constant's), and what it holds."""
    # dims, data_type, float_data, name, raw_data, doc_string; others lie in other files.
    fields = _Fields(message)
    fields.allow({1, 2, 4, 8, 9, 12})
    shape, kind = fields.numbers(1), fields.number(2)
    # Of packed real numbers the bytes are the same as those of raw ones.
    held = [*fields.all(9), *(fields.all(4) if kind == FLOAT else [])]
    names = [bytes(name).decode() for name in fields.all(8)]
    if kind not in _SIZES or len(held) != 1 or len(held[0]) != math.prod(shape) * _SIZES[kind]:
        raise NotUnderstood("a tensor of this model file is of a kind that is not known here")
    return "".join(names), Tensor(shape, kind, held[0])


def _write_tensor(name: str, tensor: Tensor) -> list[Bytes]:
    head = b"".join(write_number(1, size) for size in tensor.shape)
    head += write_number(2, tensor.kind) + write_text(8, name)
    return [head, *write_parts(9, [tensor.data])]


def _read_end(message: Bytes) -> End:
    """ValueInfoProto.type, TypeProto.tensor_type, Tensor.shape, TensorShapeProto.dim."""
    fields = _Fields(message)
    tensor = _Fields(_Fields(fields.only(2)).only(1))
    if tensor.number(1) != FLOAT:
        raise NotUnderstood("what goes into or out of this model file is not real numbers")
    axes = [_Fields(axis).numbers(1) for axis in _Fields(tensor.only(2)).all(1)]
    known = all(len(axis) == 1 for axis in axes)
    return End(fields.text(1), tuple(chain.from_iterable(axes)) if known else None, message)
