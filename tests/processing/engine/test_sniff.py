import base64
import json
import struct
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processing.engine import HEAD_BYTES, MEDIA_TYPES, Header, Limits, PhotoError, check_head, sniff
from processing.engine.errors import TooManyPixels, UnsupportedType
from tests.processing.engine.heads import png_head
from tests.processing.engine.make_vectors import VECTORS

ROWS: list[dict[str, Any]] = json.loads(VECTORS.read_text())
HEADS = [base64.b64decode(row["head"]) for row in ROWS]


@pytest.mark.parametrize("row", ROWS, ids=[row["name"] for row in ROWS])
def test_every_vector_gets_its_answer(row: dict[str, Any]) -> None:
    head = base64.b64decode(row["head"])
    if row["error"]:
        with pytest.raises(PhotoError) as caught:
            sniff(head)
        assert caught.value.code == row["error"]
    else:
        kind = row["kind"]
        assert sniff(head) == Header(kind, MEDIA_TYPES[kind], row["width"], row["height"])


def test_the_vectors_cover_every_kind_and_stay_small() -> None:
    assert {row["kind"] for row in ROWS} == {None, *MEDIA_TYPES}
    assert all(len(head) <= 2048 for head in HEADS)


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (b"%PDF-1.7", "This file is a PDF."),
        (b"<svg/>", "This file is an SVG drawing."),
        (b"8BPS\0\1", "This file is a Photoshop file."),
        (b"PK\3\4" + bytes(30), "This file is a ZIP archive."),
        (b"\0\0\0\x18ftypisom", "This file is a video."),
    ],
)
def test_a_refusal_names_what_was_sent(head: bytes, words: str) -> None:
    with pytest.raises(UnsupportedType) as caught:
        sniff(head)
    assert caught.value.sentence.startswith(words + " Send a JPEG, PNG,")


def test_only_the_head_is_looked_at() -> None:
    filler = b"\xff\xe2\xff\xff" + bytes(0xFFFD)
    late = b"\xff\xd8" + filler * 5 + b"\xff\xc0\0\x11\x08\0\x10\0\x20\3"
    assert len(filler * 5) > HEAD_BYTES
    assert sniff(late) == Header("jpeg", "image/jpeg", None, None)


def test_a_size_over_the_limit_is_refused_by_the_head() -> None:
    limits = Limits(max_pixels=100)
    assert check_head(png_head(10, 10), limits).width == 10
    with pytest.raises(TooManyPixels) as caught:
        check_head(png_head(10, 11), limits)
    assert "10 × 11" in caught.value.sentence


def assert_answers(head: bytes) -> None:
    try:
        header = sniff(head)
    except PhotoError:
        return
    assert header.kind in MEDIA_TYPES
    assert (header.width is None) == (header.height is None)
    assert header.width is None or header.width > 0
    assert header.height is None or header.height > 0


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_get_an_answer(head: bytes) -> None:
    assert_answers(head)


@settings(max_examples=600, deadline=None)
@given(st.sampled_from(HEADS), st.data())
def test_damaged_heads_get_an_answer(head: bytes, data: st.DataObject) -> None:
    changed = bytearray(head)
    for _ in range(data.draw(st.integers(1, 6))):
        if changed:
            at = data.draw(st.integers(0, len(changed) - 1))
            changed[at : at + 4] = data.draw(st.binary(min_size=1, max_size=4))
    assert_answers(bytes(changed[: data.draw(st.integers(0, len(changed)))]))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([b"meta", b"iprp", b"ipco", b"ispe"]), st.binary())))
def test_nested_and_lying_boxes_end(boxes: list[tuple[bytes, bytes]]) -> None:
    body = b""
    for name, inside in boxes:
        body = struct.pack(">I4s", len(inside) % 64 + 8, name) + inside + body
    assert_answers(struct.pack(">I4s", 20, b"ftyp") + b"heic\0\0\0\0mif1" + body)
