"""Writes the reference pages that are read off the code: record types, roles, commands, problem files.

    python docs/generate.py            write the pages
    python docs/generate.py --check    say which pages are not current, and change nothing

A test calls `pages()` and compares, so a page never says more or less than the declaration it describes.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from command_reference import commands_page
from reference_words import first_paragraph, first_sentence, page, prose, table, title
from schedule_file_reference import schedule_file_pages

if TYPE_CHECKING:
    from plantbeat.kernel.access import Role
    from plantbeat.kernel.lifecycle import Step
    from plantbeat.kernel.record import Line, Record
    from plantbeat.kernel.schema import FieldSpec

REFERENCE = Path(__file__).parent / "reference"
AREA_ORDER = ("plant", "people", "planning", "execution", "facts", "kernel")
AREA_TITLES = {"facts": "Facts", "kernel": "Installation"}


def pages() -> dict[Path, str]:
    """Every generated page by its path, as it has to be now."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "plantbeat.shell.settings")
    import django

    django.setup()
    shown = [model for model in _records() if model.face.menu]
    written = {REFERENCE / "records" / f"{_file_name(model)}.md": record_page(model) for model in shown}
    written[REFERENCE / "records" / "index.md"] = records_index(shown)
    written[REFERENCE / "roles.md"] = roles_page()
    written[REFERENCE / "commands.md"] = commands_page()
    return written | {REFERENCE / name: text for name, text in schedule_file_pages().items()}


def strays(current: Iterable[Path]) -> list[Path]:
    """Record pages on disk that no record type stands behind any more."""
    return sorted(set((REFERENCE / "records").glob("*.md")) - set(current))


def main(arguments: list[str]) -> int:
    """Write the pages, or with --check only compare; 1 if something was not current."""
    current = pages()
    old = [path for path, text in current.items() if not path.exists() or path.read_text("utf-8") != text]
    gone = strays(current)
    for path in (*old, *gone):
        print(path.relative_to(REFERENCE.parents[1]))
    if "--check" in arguments:
        return 1 if old or gone else 0
    for path in old:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(current[path], encoding="utf-8")
    for path in gone:
        path.unlink()
    return 0


# --- record types ---


def _records() -> list[type[Record]]:
    from plantbeat.kernel import registry

    return registry.records()


def _file_name(model: type[Record]) -> str:
    return f"{model._meta.app_label}-{model.slug()}"


def _areas(models: Iterable[type[Record]]) -> dict[str, list[type[Record]]]:
    grouped: dict[str, list[type[Record]]] = {}
    for model in models:
        grouped.setdefault(model._meta.app_label, []).append(model)
    place = {label: at for at, label in enumerate(AREA_ORDER)}
    return {label: grouped[label] for label in sorted(grouped, key=lambda one: (place.get(one, 99), one))}


def records_index(models: list[type[Record]]) -> str:
    """The list of all record types, by area."""
    lines = [
        "# Record types",
        "",
        "One declaration per record type gives its list, pages, REST endpoint, import, export, history and",
        "label. These pages are read off the same declarations.",
    ]
    for label, members in _areas(models).items():
        lines += ["", f"## {AREA_TITLES.get(label) or title(label)}", ""]
        rows = (
            (
                f"[{title(model._meta.verbose_name_plural)}]({_file_name(model)}.md)",
                first_paragraph(model.__doc__),
            )
            for model in sorted(members, key=lambda one: str(one._meta.verbose_name_plural))
        )
        lines += table(("Record type", "What it is"), rows)
    return page(lines)


def record_page(model: type[Record]) -> str:
    """The reference page of one record type."""
    from plantbeat.kernel.schema import fields_of

    api = f"/api/{model._meta.app_label}/{model.slug()}"
    lines = [f"# {title(model._meta.verbose_name)}", "", prose(model.__doc__), ""]
    lines += [
        f"- Type code: `{model.type_code()}`",
        f"- Pages: `/r/{model._meta.app_label}/{model.slug()}/`",
        f"- REST: `{api}` ([how to use it](../rest.md))",
        f"- Key: {_key(model)}",
        f"- Belongs to: {_scope(model)}",
    ]
    lines += ["", "## Fields", "", *_fields(model, fields_of(model).values(), model.access.private)]
    for name, line in model.line_types().items():
        lines += ["", f"## Lines: {line._meta.verbose_name_plural}", "", prose(line.__doc__), ""]
        lines += [f"In REST and in workbooks under the name `{name}`.", ""]
        lines += _fields(line, fields_of(line).values(), {})
    lines += _rules(model)
    lines += ["", "## Who may", "", *_permissions(model)]
    lines += _lifecycle(model)
    lines += _actions(model)
    return page(lines)


def _key(model: type[Record]) -> str:
    return ", ".join(f"`{name}`" for name in model.key) or "none: found by id only"


def _scope(model: type[Record]) -> str:
    if model.scope is None:
        return "the whole installation"
    return "the site it is" if model.scope == "id" else "one site"


def _fields(
    model: type[Record] | type[Line], specs: Iterable[FieldSpec], private: dict[str, Any]
) -> Iterator[str]:
    rows = [
        (
            f"`{spec.name}`",
            title(spec.label),
            (spec.allowed() or "text") if spec.editable else "set by the product",
            "yes" if spec.required and spec.editable else "",
            _default(model, spec),
            ". ".join(filter(None, [title(spec.help), _private_note(spec.name, private)])),
        )
        for spec in specs
    ]
    yield from table(("Name", "Label", "Allowed", "Required", "Default", "Note"), rows)


def _default(model: type[Record] | type[Line], spec: FieldSpec) -> str:
    field = spec.model_field
    if not spec.editable or not field.has_default() or callable(field.default):
        return ""
    value = spec.plain(model())
    if isinstance(value, bool):
        value = "yes" if value else "no"
    return "" if value in ("", None) else f"`{value}`"


def _private_note(name: str, private: dict[str, Any]) -> str:
    return f"Private: {private[name].label}" if name in private else ""


def _rules(model: type[Record]) -> Iterator[str]:
    """Rules over several fields, as the methods that check them say."""
    kinds: list[type[Record] | type[Line]] = [model, *model.line_types().values()]
    rules = [first_paragraph(kind.problems.__doc__) for kind in kinds if "problems" in kind.__dict__]
    if rules:
        yield from ("", "## Rules over several fields", "")
        yield from (f"- {rule}" for rule in rules)


def _permissions(model: type[Record]) -> Iterator[str]:
    access = model.access
    rows = [(verb, _roles(getattr(access, verb))) for verb in ("read", "create", "edit", "remove")]
    yield from table(("Verb", "Roles"), rows)
    if access.owner:
        yield from ("", f"The one in `{access.owner}` may create, edit and remove it, whatever the role.")


def _roles(roles: Iterable[Role]) -> str:
    from plantbeat.kernel.access import ANYONE
    from plantbeat.kernel.access import Role as AllRoles

    held = frozenset(roles)
    if held == ANYONE:
        return "every role"
    return ", ".join(str(role.label) for role in AllRoles if role in held) or "nobody"


def _who(step: Step) -> str:
    return (
        _roles(step.by) if isinstance(step.by, frozenset) else f"by rule: {first_paragraph(step.by.__doc__)}"
    )


def _conditions(step: Step) -> str:
    said = [first_sentence(guard.__doc__) for guard in step.guards if guard.__doc__]
    said += ["a reason is given"] if step.reason else []
    said += [f"signed: {step.signed}"] if step.signed else []
    return "; ".join(said)


def _lifecycle(model: type[Record]) -> Iterator[str]:
    from plantbeat.kernel.states import TONES

    if model.lifecycle is None:
        return
    states = model.states()
    yield from ("", "## Lifecycle", "", f"A new record is **{next(iter(states.values())).label}**.", "")
    rows = [(s.label, f"`{s}`", s.shape, first_sentence(TONES[s.tone][1])) for s in states.values()]
    yield from table(("State", "Value", "Sign", "What it tells"), rows)
    yield ""
    steps = (
        (
            f"`{step.verb}`",
            ", ".join(str(states[source].label) for source in step.sources),
            states[step.target].label if step.target else "",
            _who(step),
            _conditions(step),
        )
        for step in model.lifecycle.steps.values()
    )
    yield from table(("Step", "From", "To", "Who may", "Only if"), steps)


def _actions(model: type[Record]) -> Iterator[str]:
    if not model.actions:
        return
    yield from ("", "## Other actions", "")
    rows = ((f"`{a.verb}`", title(a.label), _who(a), _conditions(a)) for a in model.actions)
    yield from table(("Action", "Label", "Who may", "Only if"), rows)


# --- roles ---


def roles_page() -> str:
    """Roles and privacy classes."""
    from plantbeat.kernel.access import PRIVACY_READERS, Privacy
    from plantbeat.kernel.access import Role as AllRoles

    shown = [model for model in _records() if model.face.menu]
    lines = [
        "# Roles and privacy classes",
        "",
        "A person holds roles, each at one site or at every site. What a role may do is declared with each",
        "[record type](records/index.md); this table sums it up.",
        "",
    ]
    rows = (
        (
            role.label,
            f"`{role}`",
            ", ".join(sorted(title(m._meta.verbose_name_plural) for m in shown if _writes(role, m))) or "–",
            "; ".join(filter(None, (_steps_of(role, model) for model in shown))) or "–",
        )
        for role in AllRoles
    )
    lines += table(("Role", "Value", "Creates or edits", "Takes these steps"), rows)
    lines += ["", "The analyst's role never writes, whatever a declaration says."]
    lines += ["", "## Privacy classes", ""]
    lines += table(
        ("Class", "Value", "Read by", "Fields"),
        ((p.label, f"`{p}`", _roles(PRIVACY_READERS[p]), _private_fields(p)) for p in Privacy),
    )
    return page(lines)


def _writes(role: Role, model: type[Record]) -> bool:
    from plantbeat.kernel.access import READ_ONLY

    return role in (model.access.create | model.access.edit) - READ_ONLY


def _steps_of(role: Role, model: type[Record]) -> str:
    """Steps and actions the role may take; those that a rule decides are left out."""
    steps = [s for s in model.steps().values() if isinstance(s.by, frozenset) and role in s.by]
    if not steps or role == "analyst":
        return ""
    labels = ", ".join(str(step.label).lower() for step in steps)
    return f"{title(model._meta.verbose_name_plural)}: {labels}"


def _private_fields(privacy: object) -> str:
    fields = [
        f"{title(model._meta.verbose_name)}: {model._meta.get_field(name).verbose_name}"  # type: ignore[union-attr]
        for model in _records()
        for name, declared in model.access.private.items()
        if declared == privacy
    ]
    return ", ".join(fields) or "–"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
