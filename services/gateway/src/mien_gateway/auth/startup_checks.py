"""What must hold before the gateway may listen: the law first, then who can reach it."""

import re

from mien_gateway.auth.principal import is_loopback
from mien_gateway.settings import Settings, variable

_PROHIBITED = re.compile(r"\b(workplace|education)\b", re.IGNORECASE)


class PreconditionError(Exception):
    """The gateway must not start like this; the message says why, and what to do."""


def check_preconditions(settings: Settings) -> None:
    """Raises PreconditionError at the first one that does not hold."""
    _check_purpose(settings)
    if settings.profile == "production":
        _check_production(settings)
    elif not settings.api_keys_file and not settings.allow_anonymous:
        _check_only_here(settings)


def _check_purpose(settings: Settings) -> None:
    if settings.medical_or_safety or not _PROHIBITED.search(settings.intended_purpose):
        return
    message = (
        f"{variable('intended_purpose')}={settings.intended_purpose}: Regulation (EU) 2024/1689 "
        "(the AI Act), article 5(1)(f), prohibits systems that infer emotions of people at the "
        "workplace and in education, but for medical or safety reasons. If yours is such a "
        f"reason, set {variable('medical_or_safety')}=true"
    )
    raise PreconditionError(message)


def _check_production(settings: Settings) -> None:
    production = f"{variable('profile')}=production"
    if not settings.api_keys_file:
        message = (
            f"{production} needs {variable('api_keys_file')}; "
            "`python -m mien_gateway.make_key NAME` makes a key and its line"
        )
        raise PreconditionError(message)
    if settings.allow_anonymous:
        message = f"{production} and {variable('allow_anonymous')}=true exclude each other"
        raise PreconditionError(message)
    if not settings.intended_purpose:
        message = (
            f"{production} needs {variable('intended_purpose')}: say what expressions are "
            "recognised for; the notice at /v1/notice tells it to the people concerned"
        )
        raise PreconditionError(message)


def _check_only_here(settings: Settings) -> None:
    for name in ("rest_host", "grpc_host"):
        host = getattr(settings, name)
        if not is_loopback(host):
            message = (
                f"{variable(name)}={host} lets others in, and there are no API keys: set "
                f"{variable('api_keys_file')} (`python -m mien_gateway.make_key NAME` makes a key "
                f"and its line), or {variable('allow_anonymous')}=true if everybody may call"
            )
            raise PreconditionError(message)
