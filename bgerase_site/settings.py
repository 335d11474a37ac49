"""All settings, in one file, from the environment (`docs/settings.md`).

Development needs none of them: what it lacks is generated into the data folder. Production
(`BGERASE_PRODUCTION=1`) refuses to start without its secrets, its host names and its mail server.
"""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from bgerase_site import backends, env, logs
from bgerase_site.cores import forbid_core_dumps
from processing.retention import deadlines

os.umask(0o077)  # Whatever any part writes is its owner's alone: database, static files, folders.
forbid_core_dumps()  # Here, where every part begins: also one that nothing of ours has started.
BASE_DIR = Path(__file__).resolve().parent.parent
PRODUCTION = env.flag("PRODUCTION", default=False)
# From the project's own folder, never the caller's: a sweep that was started elsewhere would look
# into an empty vault, find nothing, and take that for erased.
DATA_DIR = BASE_DIR / env.text("DATA_DIR", "var")
KEYS_DIR = BASE_DIR / (env.text("KEYS_DIR") or DATA_DIR / "keys")
MODELS_DIR = BASE_DIR / (env.text("MODELS_DIR") or DATA_DIR / "models")
for folder in (DATA_DIR, KEYS_DIR, DATA_DIR / "broker", DATA_DIR / "run", DATA_DIR / "tmp"):
    env.make_private(folder)

DEBUG = False
# Not in KEYS_DIR: that is left out of backups, and without SECRET_KEY second factors are lost.
SECRETS_DIR = DATA_DIR / "secrets"
SECRET_KEY = env.kept_secret("SECRET_KEY", SECRETS_DIR / "secret.key", required=PRODUCTION, size=50)
MASTER_KEY = env.kept_secret("MASTER_KEY", SECRETS_DIR / "master.key", required=PRODUCTION)
OLD_MASTER_KEY = env.text("OLD_MASTER_KEY")  # While `manage.py keys rotate` has not run yet.
RECEIPT_KEY = env.kept_secret("RECEIPT_KEY", SECRETS_DIR / "receipt.key", required=PRODUCTION)

# --- The promise (docs/retention.md) ----------------------------------------------------------
RETENTION = env.duration("RETENTION", "24h", least=deadlines.SHORTEST, most=deadlines.LONGEST)
BUDGET = deadlines.budget(RETENTION)
SWEEP_EVERY = env.duration(
    "SWEEP_EVERY",
    f"{int(BUDGET.sweep_every.total_seconds())}s",
    least=timedelta(seconds=1),
    # Between two sweeps nobody may take the sweeper for dead: that refuses uploads.
    most=max(timedelta(seconds=1), min(RETENTION / 288, BUDGET.silent / 2)),
)
AUDIT_DAYS = env.integer("AUDIT_DAYS", 90, least=1, most=3650)

# --- What /privacy/ says of this site: facts that only its operator knows -------------------------
OPERATOR = env.text("OPERATOR")
CONTACT = env.text("CONTACT")
REGIONS = env.words("REGIONS")
SUBPROCESSORS = env.words("SUBPROCESSORS")
LOG_DAYS = env.integer("LOG_DAYS", 7, least=0, most=3650)

# --- What is accepted ---------------------------------------------------------------------------
MAX_UPLOAD_BYTES = env.integer("MAX_UPLOAD_MB", 30, least=1, most=1000) * 1_000_000
MAX_PIXELS = env.integer("MAX_PIXELS", 100_000_000, least=10_000)
MAX_FILES = env.integer("MAX_FILES", 100, least=1, most=1000)
MIN_FREE_BYTES = env.integer("MIN_FREE_MB", 500) * 1_000_000

# --- The engine and its workers -----------------------------------------------------------------
_SERVED = list(dict.fromkeys(env.words("MODELS")))
MODEL = env.text("MODEL") or (_SERVED[0] if _SERVED else "u2netp")
MODELS = _SERVED or [MODEL]
ALLOWED_LICENCES = env.words("ALLOWED_LICENCES")
DEVICE = env.choice("DEVICE", "auto", {"auto", "cpu", "cuda", "tensorrt", "openvino"})
WORKER_CONCURRENCY = env.integer("WORKER_CONCURRENCY", 1, least=1, most=256)
WORKER_THREADS = env.integer("WORKER_THREADS", 0, most=256)
WORKER_MEMORY_BYTES = env.integer("WORKER_MEMORY_MB", 3000, least=500) * 1_000_000
BATCH = env.integer("BATCH", 0, most=64)  # 0: by the device, see processing.jobs.warm.
JOB_SECONDS = env.integer("JOB_SECONDS", 120, least=5, most=600)

# --- The web server -----------------------------------------------------------------------------
HOST = env.text("HOST", "127.0.0.1")
PORT = env.integer("PORT", 8000, least=1, most=65535)
WEB_PROCESSES = env.integer("WEB_PROCESSES", 1, least=1, most=64)
WEB_THREADS = env.integer("WEB_THREADS", 24, least=1, most=256)
METRICS_TOKEN = env.text("METRICS_TOKEN")
SITE_URL = env.text("SITE_URL", f"http://localhost:{PORT}")
if PRODUCTION and not SITE_URL.startswith("https://"):
    raise ImproperlyConfigured("BGERASE_SITE_URL has to be this site's https:// address.")
TRUSTED_PROXIES = env.integer("TRUSTED_PROXIES", 0, most=10)
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "" if PRODUCTION else "*")
if PRODUCTION and (not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS):
    raise ImproperlyConfigured("BGERASE_ALLOWED_HOSTS has to name this site's host names.")
CSRF_TRUSTED_ORIGINS = [SITE_URL] if SITE_URL.startswith("https://") else []
ROOT_URLCONF = "bgerase_site.urls"
WSGI_APPLICATION = "bgerase_site.wsgi.application"

# --- Database, cache, broker, storage -----------------------------------------------------------
DATABASE_URL = env.text("DATABASE_URL", f"sqlite:///{quote(str(DATA_DIR / 'db.sqlite3'))}")
DATABASES: dict[str, Any] = {"default": dict(dj_database_url.parse(DATABASE_URL))}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        # IMMEDIATE: a transaction that will write takes the lock at once, so it waits instead
        # of failing half-way. secure_delete: a deleted value is overwritten with zeros.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA secure_delete=ON;"
            "PRAGMA foreign_keys=ON; PRAGMA journal_size_limit=1048576;"
        ),
    }
elif DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    DATABASES["default"] |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
else:
    raise ImproperlyConfigured("BGERASE_DATABASE_URL takes sqlite:///… or postgres://….")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHE_URL = env.text("CACHE_URL")
CACHES = {"default": backends.cache_from(CACHE_URL)}
BROKER_URL = env.text("BROKER_URL", "filesystem://localhost")
STORAGE_URL = env.text("STORAGE_URL", f"file://{quote(str(DATA_DIR / 'media'))}")

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "vault": backends.storage_from(STORAGE_URL),
    # Nothing is ever stored under Django's default alias: an accidental FileField fails.
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "bgerase_site.staticfiles.HashedStaticFiles"},
}
# No temporary files: only /images/ takes files, with a handler of its own.
FILE_UPLOAD_HANDLERS = ["processing.views.uploads.RefuseFiles"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
DATA_UPLOAD_MAX_NUMBER_FILES = 1000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2100  # Room beside the 2000 ids that views.many takes.

# --- Applications -------------------------------------------------------------------------------
INSTALLED_APPS = [
    "bgerase_site",
    "processing",
    "accounts",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "bgerase_site.headers.SiteHeaders",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "bgerase_site.languages.ReadersLanguage",  # Before whatever answers in words.
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "bgerase_site.bodies.SmallBodies",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.SeenDevices",
    "accounts.middleware.UnreadableCodes",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "processing.views.context.privacy",
            ]
        },
    }
]
# English is the source text of every sentence, so its catalog is empty: CONTRIBUTING.md.
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LANGUAGE_CODE = env.choice("LANGUAGE", "en", {code for code, _ in LANGUAGES})
LOCALE_PATHS = [BASE_DIR / "bgerase_site" / "locale"]
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

# --- Accounts -----------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
if env.flag("WEAK_PASSWORD_HASHING", default=False):  # For test runs, where Argon2 is the cost.
    if PRODUCTION:
        raise ImproperlyConfigured("BGERASE_WEAK_PASSWORD_HASHING is for tests only.")
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"accounts.passwords.{name}"}
    for name in ("NotYourAddress", "LongEnough", "NotCommon", "NotOnlyDigits")
]
AUTH_PASSWORD_VALIDATORS[1]["OPTIONS"] = {"min_length": 10}  # type: ignore[assignment]
LOGIN_REDIRECT_URL = "/"
LOGIN_URL = "/accounts/login/"
ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
ACCOUNT_FORMS = {"signup": "accounts.forms.SignupForm"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if PRODUCTION else "optional"
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True  # In the browser that signed up, and in no other.
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True  # Whoever changes a password tells its owner.
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
MFA_ADAPTER = "accounts.adapters.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION
MFA_TOTP_ISSUER = "BackgroundErase"
MFA_TOTP_TOLERANCE = 1  # One code earlier or later: clocks differ, and typing takes time.
USERSESSIONS_TRACK_ACTIVITY = True

# --- Mail ---------------------------------------------------------------------------------------
EMAIL_URL = env.text("EMAIL_URL")
if PRODUCTION and (not EMAIL_URL or EMAIL_URL.startswith("console:")):
    raise ImproperlyConfigured(
        "BGERASE_EMAIL_URL has to name a mail server (smtp://user:password@host:587): "
        "addresses are verified by mail."
    )
vars().update(backends.mail_from(EMAIL_URL))
DEFAULT_FROM_EMAIL = env.text("EMAIL_FROM", "BackgroundErase <noreply@localhost>")

# --- Security -----------------------------------------------------------------------------------
_HOST_PREFIX = "__Host-" if PRODUCTION else ""  # Browsers refuse the prefix without https.
SESSION_COOKIE_NAME = f"{_HOST_PREFIX}sessionid"
CSRF_COOKIE_NAME = f"{_HOST_PREFIX}csrftoken"
LANGUAGE_COOKIE_NAME = f"{_HOST_PREFIX}language"
LANGUAGE_COOKIE_AGE = 365 * 86_400
LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "processing.views.errors.csrf_failed"
SECURE_SSL_REDIRECT = PRODUCTION  # Needs the proxy's word: processing.checks says when it lacks.
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]  # Asked from inside, without the proxy.
HSTS_SECONDS = env.integer("HSTS_SECONDS", 3600, most=63_072_000)
SECURE_HSTS_SECONDS = HSTS_SECONDS if PRODUCTION else 0
# Other names below this one, and browsers' built-in lists, are not this program's to promise.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_REFERRER_POLICY = "same-origin"
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "blob:", "data:"],
        "connect-src": [SELF],
        "font-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

# --- Celery: the doorbell. The database is the truth (docs/architecture.md) ---------------------
CELERY_BROKER_URL = BROKER_URL
CELERY_BROKER_TRANSPORT_OPTIONS = backends.broker_options(
    BROKER_URL, DATA_DIR / "broker", JOB_SECONDS
)
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_IMPORTS = ["processing.workers"]  # Workers only: it loads the engine.
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_STORE_ERRORS_EVEN_IF_IGNORED = False
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = False  # The lease brings a lost job back, and counts it.
CELERY_TASK_TIME_LIMIT = JOB_SECONDS
CELERY_TASK_SOFT_TIME_LIMIT = max(1, JOB_SECONDS - max(2, JOB_SECONDS // 6))
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_POOL = "prefork"  # The only pool whose time limits hold.
CELERY_WORKER_CONCURRENCY = WORKER_CONCURRENCY
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500
CELERY_WORKER_PROC_ALIVE_TIMEOUT = 120.0  # A child loads its model before it is up.
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_BEAT_SCHEDULE = {
    "sweep": {
        "task": "processing.tasks.sweep",
        "schedule": SWEEP_EVERY.total_seconds(),
        "options": {"expires": SWEEP_EVERY.total_seconds()},
    }
}
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "run" / "beat")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"class": "bgerase_site.logs.Places", "format": logs.LINE}},
    "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["out"], "level": env.text("LOG_LEVEL", "INFO")},
    "loggers": {
        "django": {"handlers": ["out"], "level": "WARNING", "propagate": False},
        "django.request": {"level": "ERROR"},
        "celery": {"level": "WARNING"},
        "kombu": {"level": "WARNING"},
        "fido2": {"level": "WARNING"},  # Its INFO tells the ids of passkeys.
        "PIL": {"level": "INFO"},  # Its DEBUG tells what a camera wrote into a photo.
    },
}
