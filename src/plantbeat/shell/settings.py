"""Settings of an installation. What differs between plants comes from the environment."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import plantbeat
from plantbeat.shell.database import database, log_level, whole_number

PACKAGE = Path(plantbeat.__file__).parent
DATA = Path(os.environ.get("PLANTBEAT_DATA") or Path.home() / ".local" / "share" / "plantbeat")

# A key made up here lives as long as the process: fine for tools and tests; `serve` demands a lasting one.
SECRET_KEY = os.environ.get("PLANTBEAT_SECRET_KEY") or secrets.token_urlsafe(48)
ALLOWED_HOSTS = [h.strip() for h in os.environ.get("PLANTBEAT_ALLOWED_HOSTS", "").split(",") if h.strip()]
DEBUG = False
HTTPS = os.environ.get("PLANTBEAT_HTTPS") == "1"

INSTALLED_APPS = [
    "plantbeat.kernel",
    "plantbeat.facts",
    "plantbeat.surfaces",
    "plantbeat.areas.plant",
    "plantbeat.areas.people",
    "plantbeat.areas.planning",
    "plantbeat.areas.execution",
    "plantbeat.areas.improvement",
    "plantbeat.areas.safety",
    "plantbeat.areas.daily",
    "plantbeat.areas.programs",
    "plantbeat.shell",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_tasks",
    "django_tasks_db",
]

MIDDLEWARE = [
    "plantbeat.shell.metrics.timed",
    "plantbeat.shell.middleware.request_id",
    "django.middleware.security.SecurityMiddleware",
    "plantbeat.shell.page_files.PageFiles",
    "plantbeat.shell.middleware.content_security_policy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "plantbeat.areas.programs.admission.programs",
    "plantbeat.shell.middleware.actor",
    "plantbeat.shell.first_administrator.gate",
    "plantbeat.shell.middleware.refusals",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "plantbeat.shell.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "shell" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "plantbeat.shell.context.page_frame",
            ],
        },
    }
]

DATABASES = {"default": database(os.environ.get("PLANTBEAT_DATABASE_URL", ""), DATA)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "kernel_cache"}}

AUTH_USER_MODEL = "kernel.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_USER_MODEL_USERNAME_FIELD = "username"
ACCOUNT_ADAPTER = "plantbeat.shell.sign_in.Adapter"
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/m/ip,5/5m/key"}
ACCOUNT_LOGOUT_ON_GET = False
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Plantbeat"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español")]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

EMAIL_HOST = os.environ.get("PLANTBEAT_SMTP_HOST", "")
EMAIL_PORT = whole_number("PLANTBEAT_SMTP_PORT", 587)
EMAIL_HOST_USER = os.environ.get("PLANTBEAT_SMTP_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("PLANTBEAT_SMTP_PASSWORD", "")
EMAIL_USE_TLS = os.environ.get("PLANTBEAT_SMTP_SECURITY", "starttls") == "starttls"
EMAIL_USE_SSL = os.environ.get("PLANTBEAT_SMTP_SECURITY") == "tls"
DEFAULT_FROM_EMAIL = os.environ.get("PLANTBEAT_SMTP_FROM", "plantbeat@localhost")

STATIC_URL = "/static/"
STATICFILES_DIRS = [PACKAGE / "static"] if (PACKAGE / "static").is_dir() else []
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "plantbeat.shell.page_files.VersionedAddresses"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
API_PER_MINUTE = whole_number("PLANTBEAT_API_PER_MINUTE", 600)
LEAST_FREE_MB = whole_number("PLANTBEAT_LEAST_FREE_MB", 512)
MEDIA_ROOT = DATA / "files"
PACK_FOLDER = os.environ.get("PLANTBEAT_PACK_FOLDER", "")
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_AGE = 12 * 3600
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 30 * 86400 if HTTPS else 0
X_FRAME_OPTIONS = "DENY"
SILENCED_SYSTEM_CHECKS = ["security.W004", "security.W008"]

TASKS = {
    "default": {
        "BACKEND": "django_tasks_db.DatabaseBackend",
        "QUEUES": ["now", "heavy"],
    }
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "plantbeat.shell.logs.JsonLines"}},
    "filters": {"request_id": {"()": "plantbeat.shell.logs.WithRequestId"}},
    "handlers": {
        "lines": {"class": "logging.StreamHandler", "formatter": "json", "filters": ["request_id"]},
    },
    "root": {"handlers": ["lines"], "level": log_level("WARNING")},
    "loggers": {"plantbeat": {"level": log_level("INFO")}},
}
