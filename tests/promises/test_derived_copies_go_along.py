"""Promise 3: whatever is made of an image lives under its prefix and dies with it."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import User
from processing.engine import FILES
from processing.flows import share
from processing.flows.share_terms import Terms
from processing.flows.tags import tag
from processing.jobs.results import RESULT_KINDS
from processing.models import Arrival, Blob, Edit, Image, Reason, database_now
from processing.retention import erase
from processing.storage import KeyGone, stored_names
from processing.views.present import ON_DEMAND
from tests import cast

RELATED: list[Any] = [relation.related_model for relation in Image._meta.related_objects]


def test_every_file_of_the_engine_is_stored_with_the_cutout_or_made_on_demand() -> None:
    assert {*RESULT_KINDS, *ON_DEMAND} == set(FILES)
    assert not set(RESULT_KINDS) & set(ON_DEMAND)


def test_everything_is_stored_under_the_images_prefix(owner: User, outsider: User) -> None:
    mine, theirs = (cast.finish_with_renderings(cast.submit(one)) for one in (owner, outsider))
    names = {one.pk: set(stored_names(one.prefix)) for one in (mine, theirs)}
    assert names[mine.pk] | names[theirs.pk] == set(cast.stored_objects())
    assert not names[mine.pk] & names[theirs.pk]
    assert {name.rpartition("/")[2] for name in names[mine.pk]} == {"original", *FILES}


def test_every_copy_goes_with_its_image_and_nothing_of_another_goes(
    owner: User, outsider: User
) -> None:
    mine, theirs = (cast.finish_with_renderings(cast.submit(one)) for one in (owner, outsider))
    erase.begin(mine, database_now(), Reason.ASKED_FOR)
    assert set(cast.stored_objects()) == set(stored_names(theirs.prefix))
    erase.finish(mine, database_now() + erase.longest_job())
    assert Image.objects.get() == theirs
    assert Blob.objects.filter(image=theirs, stored=True).count() == 7


def test_every_table_that_refers_to_an_image_forgets_it(owner: User) -> None:
    """A new table with images in it fails here until erasing knows of it."""
    image = cast.finish_with_renderings(cast.submit(owner))
    by, now = cast.at_page(owner), database_now()
    tag([image], "grandma", by)
    share.create(owner, [image.pk], Terms(), by)
    Arrival.objects.create(image=image, size=1, heard_at=now)
    Edit.objects.create(image=image, number=1, base=0, saved_at=now)
    names = {"Arrival", "Blob", "Edit", "Job", "ShareItem", "Tag"}
    assert {model.__name__ for model in RELATED} == names
    assert all(model.objects.exists() for model in RELATED)
    erase.begin(image, database_now(), Reason.ASKED_FOR)
    erase.finish(image, database_now() + erase.longest_job())
    for model in [Image, *RELATED]:
        assert not model.objects.exists()


def test_copies_have_no_key_and_no_deadline_of_their_own(owner: User) -> None:
    image = cast.finish_with_renderings(cast.submit(owner))
    columns = {field.name for field in Blob._meta.get_fields()}
    assert not [name for name in columns if "key" in name or "_at" in name or "name" in name]
    erase.begin(image, database_now(), Reason.ASKED_FOR)
    with pytest.raises(KeyGone):
        Image.objects.get().open_key()


@pytest.mark.parametrize("kind", ["original", *FILES])
def test_no_copy_can_be_fetched_once_its_image_is_due(owner: User, kind: str) -> None:
    image = cast.finish_with_renderings(cast.submit(owner))
    client = cast.browser(owner)
    assert client.get(f"/images/{image.pk}/{kind}").status_code == 200
    cast.age(image, timedelta(hours=23))
    assert client.get(f"/images/{image.pk}/{kind}").status_code == 404
