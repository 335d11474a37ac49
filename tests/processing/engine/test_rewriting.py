"""Graphs written again are equal, or left as they were; small ones here, written by hand."""

import struct
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from processing.engine.graph import NotUnderstood, read_graph
from processing.engine.messages import Bytes, write_number, write_parts, write_text
from processing.engine.rewriting import rewrite
from processing.engine.sessions import load_runtime

FLOAT, INT64 = 1, 7


def message(number: int, *parts: Bytes) -> bytes:
    return b"".join(write_parts(number, parts))


def number(name: str, value: int) -> bytes:
    return message(5, write_text(1, name), write_number(3, value), write_number(20, 2))


def numbers(name: str, *values: int) -> bytes:
    return message(5, write_text(1, name), *(write_number(8, one) for one in values), b"\xa0\1\7")


def text(name: str, value: str) -> bytes:
    return message(5, write_text(1, name), write_text(4, value), write_number(20, 3))


def tensor(name: str, shape: tuple[int, ...], kind: int, data: bytes) -> bytes:
    """Its fields alone."""
    sizes = b"".join(write_number(1, size) for size in shape)
    return sizes + write_number(2, kind) + write_text(8, name) + message(9, data)


def weights(name: str, *shape: int) -> bytes:
    values = np.random.default_rng(sum(shape)).standard_normal(shape) / 8
    return tensor(name, shape, FLOAT, values.astype("<f4").tobytes())


def node(kind: str, inputs: str, outputs: str, *attributes: bytes) -> bytes:
    names = [write_text(1, name) for name in inputs.split()]
    names += [write_text(2, name) for name in outputs.split()]
    return message(1, *names, write_text(4, kind), *attributes)


def constant(name: str, shape: tuple[int, ...], kind: int, data: bytes) -> bytes:
    value = message(5, tensor("", shape, kind, data))
    return node("Constant", "", name, message(5, write_text(1, "value"), value, b"\xa0\1\4"))


def end(name: str, *sizes: int | str) -> bytes:
    axes = [write_text(2, one) if isinstance(one, str) else write_number(1, one) for one in sizes]
    shape = message(2, *(message(1, axis) for axis in axes))
    return write_text(1, name) + message(2, message(1, write_number(1, FLOAT), shape))


def conv(source: str, name: str, *attributes: bytes) -> bytes:
    padded = numbers("pads", 1, 1, 1, 1)
    return node("Conv", f"{source} {name}.w {name}.b", name, padded, *attributes)


def pool(*attributes: bytes) -> bytes:
    window = (numbers("kernel_shape", 2, 2), numbers("strides", 2, 2), number("ceil_mode", 1))
    return node("MaxPool", "a", "pooled", *window, *attributes)


def enlarge(*attributes: bytes) -> bytes:
    mode = text("coordinate_transformation_mode", "pytorch_half_pixel")
    return node("Resize", "b none none target", "large", text("mode", "linear"), mode, *attributes)


def whole(value: int) -> bytes:
    return struct.pack("<q", value)


@dataclass(frozen=True)
class Draft:
    """a is a convolution; b one of a pooled; c one of b, enlarged to a's size, joined with a."""

    first: bytes = conv("x", "a")
    pooling: bytes = pool()
    middle: bytes = conv("pooled", "b")
    rows: int | None = None
    enlarging: bytes = enlarge()
    joining: bytes = node("Concat", "large a", "joined", number("axis", 1))
    last: bytes = conv("joined", "c")
    tensors: tuple[bytes, ...] = field(
        default=tuple(
            weights(name, *shape)
            for name, shape in {
                "a.w": (4, 3, 3, 3),
                "a.b": (4,),
                "b.w": (5, 4, 3, 3),
                "b.b": (5,),
                "c.w": (2, 9, 3, 3),
                "c.b": (2,),
            }.items()
        )
    )
    taken: bytes = end("x", 1, 3, 8, 8)
    opset: bytes = message(8, write_text(1, ""), write_number(2, 11))
    version: int = 6
    more: bytes = b""
    around: bytes = b""

    def sizes(self) -> bytes:
        """`target` is (1, 5, rows and columns of a), worked out at run time."""
        rows = node("Gather", "shape.a two", "rows", number("axis", 0))
        if self.rows is not None:
            rows = constant("rows", (), INT64, whole(self.rows))
        return b"".join(
            [
                constant("none", (0,), FLOAT, b""),
                constant("two", (), INT64, whole(2)),
                constant("three", (), INT64, whole(3)),
                constant("from", (1,), INT64, whole(0)),
                constant("to", (1,), INT64, whole(2)),
                node("Shape", "a", "shape.a"),
                rows,
                node("Gather", "shape.a three", "columns", number("axis", 0)),
                node("Unsqueeze", "rows", "rows.1", numbers("axes", 0)),
                node("Unsqueeze", "columns", "columns.1", numbers("axes", 0)),
                node("Concat", "rows.1 columns.1", "sides", number("axis", 0)),
                node("Cast", "sides", "sides.1", number("to", INT64)),
                node("Shape", "b", "shape.b"),
                node("Slice", "shape.b from to from", "kept"),
                node("Concat", "kept sides.1", "target", number("axis", 0)),
            ]
        )

    def file(self) -> bytes:
        nodes = [self.first, self.pooling, self.middle, self.sizes(), self.enlarging, self.joining]
        nodes += [self.last, node("Sigmoid", "c", "out"), node("Relu", "b", "draft")]
        graph = [*nodes, write_text(2, "tiny"), *(message(5, one) for one in self.tensors)]
        graph += [message(11, self.taken), message(12, end("out", 1, 2, "h", "w"))]
        graph += [message(12, end("draft", 1, 5, "i", "j")), self.more]
        return write_number(1, self.version) + self.opset + message(7, *graph) + self.around


def run(file: bytes, side: int = 8) -> NDArray[np.float32]:
    runtime = load_runtime()
    session: Any = runtime.InferenceSession(file, providers=["CPUExecutionProvider"])
    taken = np.random.default_rng(1).standard_normal((1, 3, side, side)).astype(np.float32)
    made: NDArray[np.float32] = session.run(["out"], {"x": taken})[0]
    return made


def rewritten(draft: Draft) -> bytes:
    parts = rewrite(draft.file())
    assert parts is not None
    return b"".join(parts)


def kinds(file: bytes) -> Counter[str]:
    return Counter(node.kind for node in read_graph(file).nodes)


def test_a_graph_written_again_gives_the_same() -> None:
    draft = Draft()
    file = rewritten(draft)
    assert np.abs(run(file) - run(draft.file())).max() < 1e-5
    found = {"Conv": 4, "Add": 1, "MaxPool": 1, "Resize": 1, "Constant": 1, "Sigmoid": 1}
    assert kinds(file) == found, "no draft, nothing joined, no size worked out at run time"
    assert [one.name for one in read_graph(file).outputs] == ["out"]


def enlarged_to(rows: int) -> Draft:
    return Draft(
        rows=rows,
        joining=node("Concat", "large large", "joined", number("axis", 1)),
        tensors=(*Draft().tensors[:4], weights("c.w", 2, 10, 3, 3), weights("c.b", 2)),
    )


def test_a_factor_stands_for_a_size_that_is_a_multiple() -> None:
    graph = read_graph(rewritten(enlarged_to(12)))
    (node,) = (node for node in graph.nodes if node.kind == "Resize")
    assert len(node.inputs) == 3
    assert struct.unpack("<4f", graph.tensors[node.inputs[2]].data) == (1, 1, 3, 2)


@pytest.mark.parametrize(
    "draft",
    [
        enlarged_to(12),
        enlarged_to(7),
        enlarged_to(1),
        Draft(
            enlarging=node(
                "Resize",
                "b none none target",
                "large",
                text("mode", "linear"),
                text("coordinate_transformation_mode", "align_corners"),
            )
        ),
    ],
    ids=["three times", "not a multiple", "one row", "other corners"],
)
def test_other_enlargements_give_the_same_as_well(draft: Draft) -> None:
    file = rewritten(draft)
    assert np.abs(run(file) - run(draft.file())).max() < 1e-5
    assert kinds(file)["Conv"] == 4


def test_what_is_joined_for_others_too_stays_joined() -> None:
    draft = Draft(last=node("Relu", "joined", "again") + conv("joined", "c"))
    assert kinds(rewritten(draft))["Concat"] == 0, "nobody needs it"
    other = node("Relu", "joined", "again") + conv("again", "c")
    assert kinds(rewritten(Draft(last=other)))["Concat"] == 1
    assert np.abs(run(rewritten(Draft(last=other))) - run(Draft(last=other).file())).max() < 1e-5


def test_weights_of_packed_numbers_are_weights() -> None:
    plain = Draft()
    values = (np.arange(2 * 9 * 9, dtype="<f4") / 1000).tobytes()
    head = b"".join(write_number(1, size) for size in (2, 9, 3, 3)) + write_number(2, FLOAT)
    packed = head + message(4, values) + write_text(8, "c.w")
    draft = replace(plain, tensors=(*plain.tensors[:4], packed, plain.tensors[5]))
    assert np.abs(run(rewritten(draft)) - run(draft.file())).max() < 1e-5


PLAIN = Draft()
STRANGE = {
    "another operator": Draft(first=conv("x", "a0") + node("Tanh", "a0", "a")),
    "another attribute": Draft(enlarging=enlarge(number("exclude_outside", 0))),
    "another domain": Draft(first=conv("x", "a", write_text(7, "com.example"))),
    "another version of operators": Draft(opset=message(8, write_number(2, 13))),
    "operators of its own": Draft(opset=message(8, write_text(1, "a"), write_number(2, 11))),
    "two sets of operators": Draft(opset=PLAIN.opset * 2),
    "an old format": Draft(version=3),
    "a function": Draft(around=message(25, b"")),
    "a sparse tensor": Draft(more=message(15, b"")),
    "groups": Draft(middle=conv("pooled", "b", number("group", 2))),
    "padding of its own": Draft(middle=conv("pooled", "b", text("auto_pad", "SAME_UPPER"))),
    "part of a window": Draft(taken=end("x", 1, 3, 9, 9)),
    "padded windows": Draft(pooling=pool(numbers("pads", 1, 1, 1, 1))),
    "any number of photos": Draft(taken=end("x", "n", 3, 8, 8)),
    "two photos": Draft(taken=end("x", 2, 3, 8, 8)),
    "weights as input": Draft(more=message(11, end("a.b", 4))),
    "no rows": replace(enlarged_to(0), last=node("Relu", "joined", "c")),
    "joined rows": Draft(joining=node("Concat", "large a", "joined", number("axis", 2))),
    "nearest": Draft(enlarging=node("Resize", "b none none target", "large")),
    "a name that is needed": Draft(last=node("Relu", "a", "c/0") + PLAIN.last),
    "something without a beginning": Draft(first=conv("y", "a")),
    "half numbers": Draft(tensors=(tensor("a.w", (4, 3, 3, 3), 10, bytes(216)), *PLAIN.tensors)),
    "too few numbers": Draft(tensors=(tensor("a.w", (4, 3, 3, 3), 1, bytes(9)), *PLAIN.tensors)),
    "numbers elsewhere": Draft(tensors=(*PLAIN.tensors, weights("d", 1) + message(13, b""))),
    "other weights": Draft(tensors=(*PLAIN.tensors[:4], weights("c.w", 2, 8, 3, 3))),
    "no tensors": Draft(tensors=()),
}


@pytest.mark.parametrize("draft", STRANGE.values(), ids=STRANGE.keys())
def test_what_is_not_known_is_left_alone(draft: Draft) -> None:
    assert rewrite(draft.file()) is None


def test_what_is_damaged_is_left_alone() -> None:
    file = Draft().file()
    assert all(rewrite(file[:end]) is None for end in range(0, len(file), 7))
    for place in range(0, len(file), 3):
        damaged = bytearray(file)
        damaged[place] ^= 0xFF
        rewrite(bytes(damaged))


def test_a_tensor_of_real_numbers_has_no_whole_ones() -> None:
    with pytest.raises(NotUnderstood):
        read_graph(Draft().file()).tensors["a.w"].whole_numbers()
