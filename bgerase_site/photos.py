"""The addresses whose requests are large, for the web server and the site alike."""

WHOLE = "/images/"
IN_PARTS = "/uploads/"  # And below it.


def is_for_photos(method: str, path: str) -> bool:
    return (method, path) == ("POST", WHOLE) or (method == "PUT" and path.startswith(IN_PARTS))
