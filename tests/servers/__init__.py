"""Real servers for the tests: PostgreSQL, Redis and an S3 store, on free loopback ports.

Each is a context manager that yields its address; whatever happens to the test run, the server
ends with it and its folder is removed.
"""

from tests.servers.postgres import postgres
from tests.servers.redis import redis
from tests.servers.seaweed import S3, seaweed

__all__ = ["S3", "postgres", "redis", "seaweed"]
