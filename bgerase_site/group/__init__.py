"""`manage.py up`: the web server, the worker and the sweeper as one group in the foreground."""
