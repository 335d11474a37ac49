from processing.templatetags.names import breakable


def test_a_name_may_be_parted_behind_what_parts_its_words() -> None:
    assert breakable("receipt_of-shop.png") == "receipt_<wbr>of-<wbr>shop.<wbr>png"
    assert breakable("2024__05..jpg") == "2024__<wbr>05..<wbr>jpg"
    assert breakable("end.") == "end."


def test_what_a_stranger_has_written_stays_words() -> None:
    assert breakable("<b>a_'b'&c</b>") == "&lt;b&gt;a_<wbr>&#x27;b&#x27;&amp;c&lt;/b&gt;"
