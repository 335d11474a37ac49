"""A sentence is translated as one, whatever stands in its midst."""

from django.template import Context, Template

SENTENCE = Template(
    "{% load i18n sentences %}"
    "{% part as day %}<b>{% if today %}today{% else %}{{ name }}{% endif %}</b>{% endpart %}"
    "{% blocktranslate %}Erased {{ day }}, not kept.{% endblocktranslate %}"
)


def test_a_piece_says_nothing_where_it_is_set_aside_but_in_its_sentence() -> None:
    assert SENTENCE.render(Context({"today": True})) == "Erased <b>today</b>, not kept."


def test_a_piece_keeps_its_markup_and_escapes_what_it_is_given() -> None:
    written = SENTENCE.render(Context({"name": "<i>"}))
    assert written == "Erased <b>&lt;i&gt;</b>, not kept."
