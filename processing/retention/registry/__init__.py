"""The registry: for everything that can hold something of a person, what that is and how it goes.

Every column of every table, every storage, cache, queue, log, folder and cookie is declared here.
`compare` holds the declarations against the tables and settings in force: a test fails on what is
new and declares nothing, and on a declaration of what is no more.
"""

from processing.retention.registry.checking import Compared, compare
from processing.retention.registry.kinds import Erased, Held, Place
from processing.retention.registry.places import (
    BROWSER,
    CACHES,
    COOKIES,
    DATABASES,
    FOLDERS,
    LOGS,
    QUEUES,
    STORAGES,
)
from processing.retention.registry.tables import TABLES, fields_of, tables_gone_at_closing

__all__ = [
    "BROWSER",
    "CACHES",
    "COOKIES",
    "DATABASES",
    "FOLDERS",
    "LOGS",
    "QUEUES",
    "STORAGES",
    "TABLES",
    "Compared",
    "Erased",
    "Held",
    "Place",
    "compare",
    "fields_of",
    "tables_gone_at_closing",
]
