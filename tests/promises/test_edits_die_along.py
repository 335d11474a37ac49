"""Promise 3 for edits: what a version brings and what is made of it dies with its image."""

import json
from datetime import timedelta

from django.conf import settings

from accounts.models import User
from processing.flows.edit import Wanted, save
from processing.flows.edit_many import edit_images
from processing.jobs import run
from processing.models import Blob, Edit, Image, Job, Reason, database_now
from processing.retention import erase
from processing.storage import stored_names
from tests import cast, photos
from tests.processing.jobs.conftest import warm
from tests.promises import residue

__all__ = ["warm"]
POINTS = [[0.24681, 0.35791], [0.46802, 0.57913]]
STROKES = json.dumps(
    [{"tool": "erase", "size": 0.06, "hardness": 1, "smart": False, "points": POINTS}]
)


def edit(owner: User, picture: bytes) -> Image:
    """Two versions, one with strokes, one with a picture behind it, both made."""
    photo = photos.draw(160, 120)
    image = cast.finish(cast.submit(owner, photo), photo)
    for wanted in (Wanted({}, strokes=STROKES), Wanted({}, picture=picture)):
        save(image, wanted, cast.at_page(owner))
        assert run.run_next()
    image.refresh_from_db()
    assert image.version == 2
    return image


def test_strokes_and_pictures_can_be_read_in_no_row_and_in_no_file(owner: User) -> None:
    picture = residue.draw_marked()
    edit(owner, picture)
    needles = dict(residue.needles_of_content("the picture", picture))
    for one in POINTS[0]:
        needles |= residue.needles_of_name(str(one))
    assert residue.find_in_tables(needles) == []
    assert residue.find_in_storage(needles) == []
    assert residue.find(needles, settings.DATA_DIR / "run", settings.DATA_DIR / "tmp") == []


def test_every_version_lies_under_the_images_prefix_and_goes_with_it(owner: User) -> None:
    image = edit(owner, photos.draw(30, 30))
    names = set(stored_names(image.prefix))
    assert names == set(cast.stored_objects())
    kinds = {name.rpartition("/")[2] for name in names}
    assert {"v1.strokes.json", "v1.mask.png", "v2.picture", "v2.cutout.png"} <= kinds
    erase.begin(image, database_now(), Reason.ASKED_FOR)
    assert not cast.stored_objects()
    erase.finish(image, database_now() + erase.longest_job())
    for table in (Image, Edit, Job, Blob):
        assert not table.objects.exists()


def test_a_picture_behind_many_dies_with_each_of_them(owner: User) -> None:
    picture = residue.draw_marked()
    photo = photos.draw(160, 120)
    images = [cast.finish(cast.submit(owner, photo), photo) for _ in range(2)]
    edited = edit_images(images, Wanted({}, picture=picture), cast.at_page(owner))
    assert list(edited.saved.values()) == [1, 1]
    assert run.run_next()
    assert run.run_next()
    needles = dict(residue.needles_of_content("the picture", picture))
    assert residue.find_in_storage(needles) == []
    assert residue.find_in_tables(needles) == []
    gone, stays = images
    kinds = {name.rpartition("/")[2] for name in stored_names(stays.prefix)}
    assert "v1.picture" in kinds
    erase.begin(gone, database_now(), Reason.ASKED_FOR)
    assert not stored_names(gone.prefix)
    client = cast.browser(owner)
    paths = [f"/images/{one.pk}/edits/1/picture" for one in (gone, stays)]
    assert [client.get(path).status_code for path in paths] == [404, 200]
    erase.begin(stays, database_now(), Reason.ASKED_FOR)
    assert not cast.stored_objects()


def test_nothing_of_a_version_can_be_fetched_once_its_image_is_due(owner: User) -> None:
    image = edit(owner, photos.draw(30, 30))
    client = cast.browser(owner)
    paths = [
        f"/images/{image.pk}/edits/1/strokes.json",
        f"/images/{image.pk}/edits/2/picture",
        f"/images/{image.pk}/edits/1/mask.png",
        f"/images/{image.pk}/edit/",
        f"/images/{image.pk}/cutout.png",
    ]
    assert [client.get(path).status_code for path in paths] == [200] * 5
    cast.age(image, timedelta(hours=23))
    assert [client.get(path).status_code for path in paths] == [404] * 5


def test_a_version_lengthens_no_life(owner: User) -> None:
    photo = photos.draw(160, 120)
    image = cast.finish(cast.submit(owner, photo), photo)
    before = Image.objects.values_list("purge_at", "received_at").get()
    save(image, Wanted({"bg_color": "white"}), cast.at_page(owner))
    assert run.run_next()
    assert Image.objects.values_list("purge_at", "received_at").get() == before


def test_a_worker_that_ends_after_its_image_was_erased_stores_no_version(owner: User) -> None:
    photo = photos.draw(160, 120)
    image = cast.finish(cast.submit(owner, photo), photo)
    save(image, Wanted({}, strokes=STROKES), cast.at_page(owner))
    claim = cast._claim(image)

    class Erasing:
        def check(self) -> None:
            """The image goes while its worker works."""
            erase.begin(image, database_now(), Reason.ASKED_FOR)

    run._run_to_its_end(claim, Erasing())
    assert not stored_names(image.prefix)
    assert not Blob.objects.filter(image=image, stored=True, kind__startswith="v1.mask").exists()
    assert not Job.objects.filter(image=image, attempts__gt=0, output="v1").exists()
