"""Everything outside of the tables: storages, caches, queues, logs, folders, cookies, browsers."""

from processing.retention.registry.kinds import Erased, Place

NOTHING = Erased.NOTHING_PERSONAL

DATABASES = (
    Place(
        "default",
        "the tables of this registry; no photo and no name of a file that can be read",
        Erased.BY_TIME,
        "column by column; SQLite overwrites what is deleted and truncates its log at every sweep",
    ),
)
STORAGES = (
    Place(
        "vault",
        "photos and everything made from them, each sealed under a key of its own",
        Erased.WITH_IMAGE,
        "the key is destroyed, then everything under the image's prefix deleted until none is left",
    ),
    Place("default", "nothing at all: no code of this site stores under it", NOTHING, "-"),
    Place("staticfiles", "the site's own scripts, styles and pictures", NOTHING, "-"),
)
CACHES = (
    Place(
        "default",
        "counts and times of attempts, which codes were used and whose export is on its way, under"
        " keyed hashes of who it is about",
        Erased.BY_TIME,
        "each entry ends by itself, within a day at most",
    ),
)
QUEUES = (
    Place("celery", "the word that there is work; no id", NOTHING, "-"),
    Place("model-*", "the same, for one model that was asked for by its name", NOTHING, "-"),
)
LOGS = (
    Place(
        "out",
        "ids, times, kinds and places of errors; no name, no address, no content",
        Erased.BY_OPERATOR,
        "printed; whoever collects it keeps it for BGERASE_LOG_DAYS",
    ),
)
FOLDERS = (
    Place("broker", "messages of the embedded queue", NOTHING, "-"),
    Place(
        "keys",
        "the secrets of epochs, of training opt-ins and of the images that these keep",
        Erased.BY_TIME,
        "overwritten and removed when the epoch has ended, the opt-in is off or the image erased",
        searched=False,
    ),
    Place(
        "media",
        "the vault, where it is on this disk",
        Erased.WITH_IMAGE,
        "see the storage `vault`",
        searched=False,
    ),
    Place("models", "the engine's weights", NOTHING, "-", searched=False),
    Place("run", "locks and stamps of running parts", NOTHING, "-"),
    Place("secrets", "the site's own secrets", NOTHING, "-", searched=False),
    Place("static", "the site's own scripts, styles and pictures", NOTHING, "-", searched=False),
    Place(
        "tmp",
        "nothing is to be here; libraries that make temporary files make them here",
        Erased.BY_TIME,
        "the patrol removes what is older than the longest job",
    ),
)
COOKIES = (
    Place("sessionid", "a random number: who is signed in", Erased.BY_TIME, "14 days at most"),
    Place("csrftoken", "a random number against forged forms", Erased.BY_TIME, "a year"),
    Place(
        "share",
        "a hash that opens a link with a password, sent to that link's page alone",
        Erased.BY_TIME,
        "after the longest life of a link; it opens nothing once its own has ended",
    ),
    Place("language", "the language that was chosen: en or de", Erased.BY_TIME, "a year"),
    Place("messages", "sentences for the next page; no name", Erased.BY_TIME, "once shown"),
)
# What scripts of a page could keep in a browser: none of it is used (a test reads the scripts).
BROWSER: tuple[Place, ...] = ()
