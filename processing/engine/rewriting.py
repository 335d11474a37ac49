"""A model's graph written so that a CPU need not change its layout: equal, and a sixth faster.

onnxruntime's convolutions work on channels in blocks. Wherever the graph has something that it
knows in plain rows only, all channels are reordered before and after. In U²-Net that are two
things: enlargements whose sizes are worked out while it runs, and joined channels.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import accumulate

from processing.engine.graph import (
    FLOAT,
    Graph,
    Node,
    NotUnderstood,
    Shape,
    Tensor,
    attribute_text,
    read_graph,
    write_attribute_text,
    write_graph,
)
from processing.engine.messages import Bytes
from processing.engine.shapes import Sizes, find_sizes

_MODE = "coordinate_transformation_mode"


def rewrite(model: Bytes) -> list[Bytes] | None:
    """The file, in parts, for one photo at a time and with its first output alone; None where
    something in it is not known here, so that it had better stay as it is.
    """
    try:
        graph = read_graph(model)
        if [end.shape and end.shape[0] for end in graph.inputs] != [1]:
            return None
        sizes = find_sizes(graph)
        return write_graph(_prune(split_convolutions(fix_factors(graph, sizes), sizes)))
    except (ValueError, LookupError):
        return None


def fix_factors(graph: Graph, sizes: Sizes) -> Graph:
    """Enlargements to sizes that are known become those by a factor, where it is a whole one.

    onnxruntime works out the same factor, target through source, while it runs. PyTorch's places
    are the middles of pixels (half_pixel) but where several become one, which no whole factor does.
    """
    tensors = dict(graph.tensors)
    nodes = []
    for node in graph.nodes:
        factors = _whole_factors(node, sizes) if node.kind == "Resize" else None
        if factors:
            name = _new_name(f"{node.outputs[0]}/factors", sizes)
            tensors[name] = Tensor((4,), FLOAT, struct.pack("<4f", *factors))
            node = replace(  # noqa: PLW2901
                node,
                inputs=(*node.inputs[:2], name),
                attributes={**node.attributes, _MODE: write_attribute_text(_MODE, "half_pixel")},
            )
        nodes.append(node)
    return replace(graph, nodes=tuple(nodes), tensors=tensors)


def _whole_factors(node: Node, sizes: Sizes) -> Shape | None:
    """One for each axis of (batch, channels, rows, columns), or None."""
    mode = attribute_text(node, _MODE, "half_pixel")
    source, target = sizes.shapes[node.inputs[0]], sizes.shapes[node.outputs[0]]
    if mode not in ("half_pixel", "pytorch_half_pixel"):
        return None
    pairs = [divmod(after, before) for before, after in zip(source, target, strict=True)]
    return None if any(rest for _, rest in pairs) else tuple(factor for factor, _ in pairs)


def split_convolutions(graph: Graph, sizes: Sizes) -> Graph:
    """A convolution of joined channels becomes the sum of one for each part; none are joined.

    A convolution is a sum over its input's channels: (batch, a + b, rows, columns) by weights of
    (made, a + b, 3, 3) is what a makes by (made, a, 3, 3), and b by (made, b, 3, 3), added up.
    The bias goes to the first. Only the order of additions changes.
    """
    joined = {node.outputs[0]: node.inputs for node in graph.nodes if node.kind == "Concat"}
    tensors = dict(graph.tensors)
    nodes: list[Node] = []
    for node in graph.nodes:
        parts = joined.get(node.inputs[0], ()) if node.kind == "Conv" else ()
        if len(parts) < 2 or node.inputs[1] not in tensors:
            nodes.append(node)
            continue
        channels = [sizes.shapes[part][1] for part in parts]
        names = [_new_name(f"{node.outputs[0]}/{part}", sizes) for part in range(len(parts))]
        weights = [f"{name}/weights" for name in names]
        tensors |= zip(weights, _split(tensors[node.inputs[1]], channels), strict=True)
        for at, (part, weight, name) in enumerate(zip(parts, weights, names, strict=True)):
            bias = node.inputs[2:] if at == 0 else ()
            nodes.append(replace(node, inputs=(part, weight, *bias), outputs=(name,)))
        nodes += _add_up(names, node.outputs[0])
    return replace(graph, nodes=tuple(nodes), tensors=tensors)


def _split(weights: Tensor, channels: Sequence[int]) -> Iterator[Tensor]:
    """Weights of (made, taken, rows, columns), by what of `taken` each part of the input has."""
    made, taken, *kernel = weights.shape
    row = len(weights.data) // made
    ends = [row * end // taken for end in accumulate(channels)]
    for begin, end, part in zip([0, *ends], ends, channels, strict=False):
        rows = (weights.data[at * row + begin : at * row + end] for at in range(made))
        yield Tensor((made, part, *kernel), FLOAT, b"".join(rows))


def _add_up(names: Sequence[str], output: str) -> Iterator[Node]:
    total = names[0]
    for name in names[1:]:
        result = output if name == names[-1] else f"{name}/sum"
        yield Node("Add", (total, name), (result,), {})
        total = result


def _new_name(name: str, sizes: Sizes) -> str:
    if any(taken.startswith(name) for taken in sizes.names()):
        raise NotUnderstood("this model file has this name already")
    return name


def _prune(graph: Graph) -> Graph:
    """What the first output needs: the others are coarser drafts of it."""
    first = graph.outputs[0]
    needed = {first.name}
    nodes = []
    for node in reversed(graph.nodes):
        if needed.intersection(node.outputs):
            needed.update(node.inputs)
            nodes.append(node)
    return replace(
        graph,
        nodes=tuple(reversed(nodes)),
        tensors={name: one for name, one in graph.tensors.items() if name in needed},
        outputs=(first,),
    )
