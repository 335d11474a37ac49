"""Real servers for the tests: PostgreSQL, Redis, an S3 store and a whole site, on free ports.

Each is a context manager that yields its address; whatever happens to the test run, the server
ends with it and its folder is removed.
"""

from tests.servers.postgres import postgres
from tests.servers.redis import redis
from tests.servers.seaweed import S3, seaweed
from tests.servers.site import Site, site

__all__ = ["S3", "Site", "postgres", "redis", "seaweed", "site"]
