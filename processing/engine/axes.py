"""How many photos a model takes at once: U²-Net's files fix it to one, needlessly.

Their graphs work for any number, but the first axis of their inputs and outputs is written down as
1. Each such number is two bytes in the file (ONNX is Protocol Buffers; field numbers are from
onnx.proto): a field `dim_value` of 1. Overwritten by an empty `dim_param` of the same length it
means "any number", and no other byte has to move.
"""

from __future__ import annotations

from processing.engine.messages import Bytes, Span, find

_FIXED_TO_ONE = b"\x08\x01"  # dim_value = 1
FREE = b"\x12\x00"  # dim_param = ""

_GRAPH = 7
_INPUT, _OUTPUT = 11, 12
# ValueInfoProto.type, TypeProto.tensor_type, Tensor.shape, TensorShapeProto.dim
_TO_DIMENSIONS = (2, 1, 2, 1)


def find_fixed_batches(model: Bytes) -> list[int]:
    """Where in the file the batch axis of an input or output is fixed to one: write FREE there.

    Raises ValueError where `model` is no ONNX file.
    """
    found = []
    for graph in find(model, (0, len(model)), _GRAPH):
        for number in (_INPUT, _OUTPUT):
            for value in find(model, graph, number):
                start, end = _first_dimension(model, value)
                if bytes(model[start:end]) == _FIXED_TO_ONE:
                    found.append(start)
    return found


def free_batches(model: memoryview, found: list[int]) -> list[Bytes]:
    """The file in parts, with FREE at each place that was found."""
    parts: list[Bytes] = []
    begin = 0
    for place in sorted(found):
        parts += [model[begin:place], FREE]
        begin = place + len(FREE)
    return [*parts, model[begin:]]


def _first_dimension(model: Bytes, span: Span) -> Span:
    for number in _TO_DIMENSIONS:
        first = next(find(model, span, number), None)
        if first is None:
            return span[0], span[0]
        span = first
    return span
