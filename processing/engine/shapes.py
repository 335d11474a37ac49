"""What size everything in a model's graph has, worked out before anything runs.

Each size follows from those before it by ONNX's own definitions (of operators 11 and 12), in whole
numbers. What is computed at run time from sizes alone (the targets of enlargements) is known too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from processing.engine.graph import (
    FLOAT,
    INT64,
    Graph,
    Node,
    NotUnderstood,
    Shape,
    Tensor,
    attribute_number,
    attribute_numbers,
    attribute_tensor,
    attribute_text,
)

OPSETS = (11, 12)


@dataclass
class Sizes:
    """`shapes` of all tensors of real numbers; `numbers` are rows of whole numbers and `single`
    are whole numbers without an axis, both by their values.
    """

    shapes: dict[str, Shape] = field(default_factory=dict)
    numbers: dict[str, Shape] = field(default_factory=dict)
    single: dict[str, int] = field(default_factory=dict)

    def names(self) -> set[str]:
        return {*self.shapes, *self.numbers, *self.single}


def find_sizes(graph: Graph) -> Sizes:
    """Raises ValueError or LookupError where a node or a size is not known."""
    if graph.opset not in OPSETS:
        raise NotUnderstood("this model file has operators of another version")
    sizes = Sizes()
    for name, tensor in graph.tensors.items():
        _keep(name, tensor, sizes)
    for end in graph.inputs:
        if end.shape is None or end.name in graph.tensors:
            raise NotUnderstood("this model file leaves a size open")
        sizes.shapes[end.name] = end.shape
    for node in graph.nodes:
        (output,) = node.outputs
        attributes, size = _KNOWN[node.kind]
        _expect(not node.attributes.keys() - attributes)
        size(node, output, sizes)
    return sizes


def _keep(name: str, tensor: Tensor, sizes: Sizes) -> None:
    if tensor.kind == FLOAT:
        sizes.shapes[name] = tensor.shape
    elif tensor.shape == ():
        (sizes.single[name],) = tensor.whole_numbers()
    elif len(tensor.shape) == 1:
        sizes.numbers[name] = tensor.whole_numbers()
    else:
        raise NotUnderstood("a table of whole numbers is not known here")


def _constant(node: Node, output: str, sizes: Sizes) -> None:
    _keep(output, attribute_tensor(node, "value"), sizes)


def _shape(node: Node, output: str, sizes: Sizes) -> None:
    (source,) = node.inputs
    sizes.numbers[output] = sizes.shapes[source]


def _gather(node: Node, output: str, sizes: Sizes) -> None:
    source, index = node.inputs
    _expect(attribute_number(node, "axis", 0) == 0)
    sizes.single[output] = sizes.numbers[source][sizes.single[index]]


def _unsqueeze(node: Node, output: str, sizes: Sizes) -> None:
    (source,) = node.inputs
    _expect(attribute_numbers(node, "axes", ()) == (0,))
    sizes.numbers[output] = (sizes.single[source],)


def _slice(node: Node, output: str, sizes: Sizes) -> None:
    source, *others = node.inputs
    (start,), (end,), (axis,) = (sizes.numbers[name] for name in others)
    _expect(axis == 0 and start >= 0 and end >= 0)
    sizes.numbers[output] = sizes.numbers[source][start:end]


def _cast(node: Node, output: str, sizes: Sizes) -> None:
    (source,) = node.inputs
    _expect(attribute_number(node, "to", 0) == INT64)
    sizes.numbers[output] = sizes.numbers[source]


def _concat(node: Node, output: str, sizes: Sizes) -> None:
    """Rows one after the other; or channels, of pictures of one size."""
    if node.inputs[0] in sizes.numbers:
        _expect(attribute_number(node, "axis", 1) == 0)
        rows = [sizes.numbers[name] for name in node.inputs]
        sizes.numbers[output] = tuple(number for row in rows for number in row)
        return
    _expect(attribute_number(node, "axis", 0) == 1)
    shapes = [_picture(name, sizes) for name in node.inputs]
    batch, _, *sides = shapes[0]
    _expect(all(shape == (batch, shape[1], *sides) for shape in shapes))
    sizes.shapes[output] = (batch, sum(shape[1] for shape in shapes), *sides)


def _same(node: Node, output: str, sizes: Sizes) -> None:
    first, *others = (sizes.shapes[name] for name in node.inputs)
    _expect(all(shape == first for shape in others))
    sizes.shapes[output] = first


def _pool(node: Node, output: str, sizes: Sizes) -> None:
    """Whole windows only, so that it does not matter how a last one would be rounded."""
    (source,) = node.inputs
    batch, channels, *sides = _picture(source, sizes)
    kernel = attribute_numbers(node, "kernel_shape", ())
    strides = attribute_numbers(node, "strides", (1, 1))
    _expect(len(kernel) == len(strides) == 2 and not any(attribute_numbers(node, "pads", ())))
    steps = [
        divmod(side - size, stride)
        for side, size, stride in zip(sides, kernel, strides, strict=True)
    ]
    _expect(all(step >= 0 and rest == 0 for step, rest in steps))
    sizes.shapes[output] = (batch, channels, *(step + 1 for step, _ in steps))


def _conv(node: Node, output: str, sizes: Sizes) -> None:
    source, weights, *bias = node.inputs
    batch, channels, *sides = _picture(source, sizes)
    made, taken, *kernel = _picture(weights, sizes)
    strides = attribute_numbers(node, "strides", (1, 1))
    dilations = attribute_numbers(node, "dilations", (1, 1))
    pads = attribute_numbers(node, "pads", (0, 0, 0, 0))
    _expect(attribute_number(node, "group", 1) == 1 and taken == channels)
    _expect(attribute_numbers(node, "kernel_shape", tuple(kernel)) == tuple(kernel))
    _expect(len(strides) == len(dilations) == 2 and len(pads) == 4 and len(bias) <= 1)
    _expect(all(sizes.shapes[name] == (made,) for name in bias))
    reached = [
        side + pads[axis] + pads[axis + 2] - dilations[axis] * (kernel[axis] - 1)
        for axis, side in enumerate(sides)
    ]
    _expect(all(reach > 0 for reach in reached))
    steps = ((reach - 1) // stride + 1 for reach, stride in zip(reached, strides, strict=True))
    sizes.shapes[output] = (batch, made, *steps)


def _resize(node: Node, output: str, sizes: Sizes) -> None:
    """To sizes alone; factors are an empty tensor then."""
    source, _, factors, target = node.inputs
    _expect(sizes.shapes[factors] == (0,) and len(sizes.numbers[target]) == 4)
    _expect(min(sizes.numbers[target]) > 0)
    _expect(_picture(source, sizes)[:2] == sizes.numbers[target][:2])
    _expect(attribute_text(node, "mode", "nearest") == "linear")
    sizes.shapes[output] = sizes.numbers[target]


def _picture(name: str, sizes: Sizes) -> Shape:
    _expect(len(sizes.shapes[name]) == 4)
    return sizes.shapes[name]


def _expect(known: bool) -> None:  # noqa: FBT001 (as assert)
    if not known:
        raise NotUnderstood("a node of this model file is not known here")


_WINDOW = {"kernel_shape", "pads", "strides"}
_ENLARGING = {"coordinate_transformation_mode", "cubic_coeff_a", "mode", "nearest_mode"}

# By kind: the attributes that are known, and what says the size.
_KNOWN: dict[str, tuple[set[str], Callable[[Node, str, Sizes], None]]] = {
    "Add": (set(), _same),
    "Cast": ({"to"}, _cast),
    "Concat": ({"axis"}, _concat),
    "Constant": ({"value"}, _constant),
    "Conv": ({*_WINDOW, "dilations", "group"}, _conv),
    "Gather": ({"axis"}, _gather),
    "MaxPool": ({*_WINDOW, "ceil_mode"}, _pool),
    "Relu": (set(), _same),
    "Resize": (_ENLARGING, _resize),
    "Shape": (set(), _shape),
    "Sigmoid": (set(), _same),
    "Slice": (set(), _slice),
    "Unsqueeze": ({"axes"}, _unsqueeze),
}
