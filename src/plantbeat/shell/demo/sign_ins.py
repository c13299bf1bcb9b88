"""People to sign in as, one for each role, with random passwords that the data folder keeps."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from plantbeat.areas.people.records.person import Person
from plantbeat.kernel.access import Actor, Role, visible
from plantbeat.kernel.accounts import Site, User
from plantbeat.kernel.act import act
from plantbeat.shell.demo.demo_folder import SIGN_INS, DemoFolder

BY = Actor.system("demo plant")
_SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that look like others."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """A sign-in name, the role behind it and the job of the person who has it."""

    username: str
    role: Role
    job: str


SIGN_INS_BY_ROLE = (
    SignIn("manager", Role.manager, "Production manager"),
    SignIn("supervisor", Role.supervisor, "Supervisor"),
    SignIn("lead", Role.line_lead, "Line lead"),
    SignIn("operator", Role.operator, "Operator"),
    SignIn("planner", Role.planner, "Planner"),
    SignIn("quality", Role.quality, "Quality engineer"),
    SignIn("maintenance", Role.maintenance, "Maintenance planner"),
    SignIn("ehs", Role.ehs, "EHS coordinator"),
    SignIn("analyst", Role.analyst, "Analyst"),
    SignIn("admin", Role.administrator, "Plant IT"),
)


def make_sign_ins(site: Site, folder: DemoFolder) -> None:
    """Make the demo people's users, or give those there are new passwords; the folder keeps them."""
    made = []
    for one in SIGN_INS_BY_ROLE:
        of_job = visible(Person, BY).filter(site=site, job=one.job).order_by("number")
        person = of_job.filter(user__username=one.username).first() or of_job.filter(user=None).first()
        name = person.name if person is not None else one.job
        password = new_password()
        # An administrator administers the installation, everybody else works at the site.
        grants = [{"role": one.role, "site": None if one.role == Role.administrator else site}]
        user = visible(User, BY).filter(username=one.username).first()
        if user is None:
            user = act(User, "create", BY, {"username": one.username, "name": name, "grants": grants})
        act(user, "set_password", BY, {"password": password})
        if person is not None and person.user_id is None:
            act(person, "edit", BY, {"user": user})
        words = {"role": str(one.role), "role_name": str(one.role.label), "name": name}
        made.append({"username": one.username, "password": password, **words})
    folder.write(SIGN_INS, made)


def new_password() -> str:
    """A random password of 59 bits that can be typed from a screen."""
    return "-".join("".join(secrets.choice(_SIGNS) for _ in range(4)) for _ in range(3))


def operator_pseudonym() -> str:
    """Who keys in what operators say; empty while nobody can."""
    user = visible(User, BY).filter(username="operator").first()
    return user.pseudonym if user is not None else ""
