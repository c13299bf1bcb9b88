"""Who may do what, where: roles by site, privacy classes, and the one who acts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from plantbeat.kernel.accounts import User
    from plantbeat.kernel.record import Record


class Role(models.TextChoices):
    """The roles of a plant. A person may hold several, each at one site or at all."""

    operator = "operator", _("Operator")
    line_lead = "line_lead", _("Line lead")
    supervisor = "supervisor", _("Supervisor")
    planner = "planner", _("Planner")
    quality = "quality", _("Quality")
    maintenance = "maintenance", _("Maintenance")
    ehs = "ehs", _("EHS")
    manager = "manager", _("Production manager")
    analyst = "analyst", _("Analyst (read only)")
    administrator = "administrator", _("Administrator")


Roles = frozenset[Role]
ANYONE: Roles = frozenset(Role)
NOBODY: Roles = frozenset()
ADMINISTRATORS: Roles = frozenset({Role.administrator})
LEADERS: Roles = frozenset({Role.supervisor, Role.manager, Role.administrator})
PLANNING: Roles = LEADERS | {Role.planner}
FLOOR: Roles = LEADERS | {Role.line_lead, Role.operator}
READ_ONLY: Roles = frozenset({Role.analyst})


class Privacy(models.TextChoices):
    """Classes of personal data that only some roles may read, on any page, export, search or log."""

    health = "health", _("Health")
    absence_reason = "absence_reason", _("Reason of absence")
    coaching = "coaching", _("Coaching")
    discipline = "discipline", _("Discipline")
    pulse = "pulse", _("Pulse survey")
    performance = "performance", _("Individual performance")
    contact = "contact", _("Contact data")


PRIVACY_READERS: dict[Privacy, Roles] = {
    Privacy.health: frozenset({Role.ehs, Role.administrator}),
    Privacy.absence_reason: LEADERS,
    Privacy.coaching: LEADERS,
    Privacy.discipline: frozenset({Role.manager, Role.administrator}),
    Privacy.pulse: frozenset({Role.manager, Role.administrator}),
    Privacy.performance: NOBODY,
    Privacy.contact: LEADERS,
}


M = TypeVar("M", bound="Record")
R = TypeVar("R", bound=models.Model)


class _AllSites:
    """Stands for every site, those made later included."""

    def __contains__(self, site_id: object) -> bool:
        return True


ALL_SITES = _AllSites()


@dataclass(frozen=True, slots=True)
class Actor:
    """The one who acts, as every question and every write sees it.

    `pseudonym` is what logs and facts keep; the name behind it lives with the user alone.
    `grants` are (role, site id or None for all sites).
    """

    pseudonym: str
    grants: tuple[tuple[Role, int | None], ...] = ()
    user_id: int | None = None
    label: str = ""
    language: str = ""
    door: str = "system"
    request_id: str = ""
    device_id: int | None = None
    trusted: bool = False

    @classmethod
    def of(
        cls, user: User, *, door: str = "page", request_id: str = "", device_id: int | None = None
    ) -> Actor:
        """The actor behind a signed-in user, with the grants in force now."""
        grants = tuple((Role(role), site) for role, site in user.grants.values_list("role", "site_id"))
        return cls(
            pseudonym=user.pseudonym, grants=grants if user.is_active else (), user_id=user.pk,
            label=user.name or user.username, language=user.language,
            door=door, request_id=request_id, device_id=device_id,
        )  # fmt: skip

    @classmethod
    def system(cls, name: str) -> Actor:
        """The product itself (worker, import of the demo plant): may do all, is named in the log."""
        return cls(pseudonym=f"system:{name}", label=name, trusted=True)

    def under(self, request_id: str) -> Actor:
        """The same actor, writing under another id in the log."""
        return replace(self, request_id=request_id)

    def for_the_product(self, request_id: str = "") -> Actor:
        """The same actor where the product itself writes in their name, whatever their role."""
        return replace(self, trusted=True, request_id=request_id or self.request_id)

    def roles_at(self, site_id: int | None) -> Roles:
        """Roles held at a site; for `None` (global records) the roles held anywhere."""
        return frozenset(role for role, at in self.grants if site_id is None or at is None or at == site_id)

    def holds(self, roles: Roles, site_id: int | None) -> bool:
        """True if one of the roles is held at the site."""
        return self.trusted or not roles.isdisjoint(self.roles_at(site_id))

    def sites(self, roles: Roles = ANYONE) -> _AllSites | frozenset[int]:
        """Sites where one of the roles is held."""
        if self.trusted or any(role in roles and site is None for role, site in self.grants):
            return ALL_SITES
        return frozenset(site for role, site in self.grants if role in roles and site is not None)


Judge = Callable[["Record", Actor], bool]
"""Decides by the record and the actor, where a role is not enough (the owner, the raiser)."""


@dataclass(frozen=True, slots=True)
class Access:
    """Who may read and write a record type; the analyst's role never writes.

    `owner` names the field with the user who may create, edit and remove the record whatever their role.
    """

    read: Roles = ANYONE
    create: Roles = LEADERS
    edit: Roles = LEADERS
    remove: Roles = ADMINISTRATORS
    owner: str = ""
    private: dict[str, Privacy] = field(default_factory=dict)

    @classmethod
    def to(cls, write: Roles, *, read: Roles = ANYONE, private: dict[str, Privacy] | None = None) -> Access:
        """The usual case: the same roles create, edit and remove."""
        return cls(read=read, create=write, edit=write, remove=write, private=private or {})


def hidden_fields(model: type[Record], by: Actor, site_id: int | None = None) -> frozenset[str]:
    """Names of the fields whose privacy class the actor may not read.

    With a site: at that site. Without: at every site the actor may read the record type at, so that a
    list over several sites never shows what one of them hides.
    """
    return frozenset(
        name
        for name, privacy in model.access.private.items()
        if not _may_read(PRIVACY_READERS[privacy], model, by, site_id)
    )


def _may_read(readers: Roles, model: type[Record], by: Actor, site_id: int | None) -> bool:
    if site_id is not None or model.scope is None:
        return by.holds(readers, site_id)
    allowed, wanted = by.sites(readers), by.sites(model.access.read)
    if isinstance(allowed, _AllSites):
        return True
    return not isinstance(wanted, _AllSites) and wanted <= allowed


def visible(model: type[M], by: Actor) -> models.QuerySet[M]:
    """The one read door: rows the actor may see, with private fields never loaded."""
    rows = model._default_manager.all()
    sites = by.sites(model.access.read)
    if model.scope is None:
        rows = rows if by.holds(model.access.read, None) else rows.none()
    elif not isinstance(sites, _AllSites):
        rows = rows.filter(**{f"{model.scope}__in": sites})
    if not by.trusted:
        rows = model.narrowed(rows, by)
    hidden = hidden_fields(model, by)
    return rows.defer(*hidden) if hidden else rows


def among(rows: models.QuerySet[R], path: str, values: Sequence[Any]) -> Iterator[R]:
    """Rows whose field has one of many values, asked for in portions that every database takes."""
    for start in range(0, len(values), 500):
        yield from rows.filter(**{f"{path}__in": values[start : start + 500]})
