"""Who may watch: a signed-in person or an enrolled device, and what the two have in common on a screen."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest
from django.http.cookie import parse_cookie
from django.utils import translation
from django.utils.module_loading import import_string

from plantbeat.kernel import devices
from plantbeat.kernel.access import Actor, Role, visible
from plantbeat.kernel.accounts import DeviceKind, Site, User


@dataclass(frozen=True, slots=True)
class Audience:
    """All who see the same: the site in view, the roles held there, the language."""

    site_id: int
    zone: str
    roles: frozenset[Role]
    language: str

    def actor(self) -> Actor:
        """One who holds these roles at this site and nothing elsewhere."""
        grants = tuple((role, self.site_id) for role in sorted(self.roles))
        return Actor(pseudonym="live", grants=grants, language=self.language, door="live")


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a request shows to be let in; `language` is that of the page it comes from, where it says so."""

    cookie: str = field(default="", repr=False)
    authorization: str = field(default="", repr=False)
    accept_language: str = ""
    site: str = ""
    language: str = ""

    def audience(self) -> Audience | None:
        """Who it is, as the database knows now; None for nobody, or for one without any site."""
        scheme, _, token = self.authorization.partition(" ")
        if scheme.lower() == "bearer":
            return self._of_device(token.strip())
        request = self._request()
        user = get_user(request)
        if isinstance(user, User) and user.is_active:
            return self._of_user(request, user)
        return self._of_device(request.COOKIES.get(devices.COOKIE, ""))

    def _request(self) -> HttpRequest:
        request = HttpRequest()
        request.COOKIES = parse_cookie(self.cookie)
        request.META["HTTP_ACCEPT_LANGUAGE"] = self.accept_language
        store = import_string(f"{settings.SESSION_ENGINE}.SessionStore")
        request.session = store(request.COOKIES.get(settings.SESSION_COOKIE_NAME))
        return request

    def _of_user(self, request: HttpRequest, user: User) -> Audience | None:
        by = Actor.of(user)
        sites = visible(Site, by).order_by("code")
        wanted = self.site or request.session.get("site")
        site = (sites.filter(code=wanted).first() if wanted else None) or sites.first()
        if site is None:
            return None
        own = user.language or settings.LANGUAGE_CODE
        return Audience(site.pk, site.zone, by.roles_at(site.pk), self._language(own))

    def _of_device(self, token: str) -> Audience | None:
        device = devices.device_of(token)
        if device is None:
            return None
        role = devices.ROLES[DeviceKind(device.kind)]
        language = self._language(translation.get_language_from_request(self._request()))
        return Audience(device.site_id, device.site.zone, frozenset({role}), language)

    def _language(self, usual: str) -> str:
        """That of the page (of a badge, of a board) if the product speaks it; else the usual one."""
        return self.language if self.language in dict(settings.LANGUAGES) else usual
