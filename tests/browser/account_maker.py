"""Signs people up at a running site, one for each line read, and answers with their cookies.

A process of its own, with the site's settings: a browser test needs an empty account at once, not
the sign-up form (which has its own test, and its own limit of attempts).
"""

import json
import sys

import django


def main() -> None:
    django.setup()
    from django.conf import settings

    from tests.bench.site import new_sender

    for _ in sys.stdin:
        cookies = dict(pair.split("=", 1) for pair in new_sender().cookies.split("; "))
        answer = {"session": cookies[settings.SESSION_COOKIE_NAME]}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
