"""REST for every record type, generated from its declaration; one OpenAPI document describes all of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI, Router
from ninja.errors import AuthenticationError, HttpError
from ninja.security import HttpBearer, SessionAuth

import plantbeat
from plantbeat.kernel import registry
from plantbeat.kernel.access import Actor, hidden_fields, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.act import act
from plantbeat.kernel.problems import Kind, Problem, Refused
from plantbeat.kernel.record import Record
from plantbeat.kernel.schema import FieldSpec, fields_of, find, keyed_fields, parsed
from plantbeat.surfaces.filter.query import list_query
from plantbeat.surfaces.pages.view import actor_of, found_record

MOST_ROWS = 1000
PROBLEM = {name: {"type": "string"} for name in ("field", "value", "message", "allowed", "sheet", "column")}
PROBLEMS = {
    "type": "object",
    "properties": {
        "kind": {"type": "string", "enum": [str(kind) for kind in Kind]},
        "problems": {
            "type": "array",
            "items": {"type": "object", "properties": {**PROBLEM, "row": {"type": "integer"}}},
        },
    },
}
STEP = {"type": "object", "properties": {"reason": {"type": "string"}, "secret": {"type": "string"}}}
OWN_SECRETS = ("password", "pin")
"""What an action may ask for that is no field of the record."""


def api() -> NinjaAPI:
    """The REST API over all record types; call once the registry is filled."""
    made = NinjaAPI(
        title="Plantbeat",
        version=plantbeat.__version__,
        description="Every record type: list, read, create, edit, remove, and the steps of its lifecycle; and"
        " every measure with the facts behind it.",
        auth=[ByToken(), BySession()],
        docs_url=None,
        urls_namespace="api",
    )
    made.add_exception_handler(AuthenticationError, _nobody)
    made.add_exception_handler(HttpError, _turned_away)
    for model in registry.records():
        if model.face.menu:
            made.add_router(f"/{model._meta.app_label}/{model.slug()}", _Endpoints(model).router())
    return made


class ByToken(HttpBearer):
    """A program with a token; the middleware has checked it and put the program on the request."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        """The program."""
        return getattr(request, "program", None)


class BySession(SessionAuth):
    """A person's session, with the check against forged requests; not looked at beside a token."""

    def __call__(self, request: HttpRequest) -> Any:
        """The user."""
        return None if "Authorization" in request.headers else super().__call__(request)


def _nobody(_request: HttpRequest, _error: AuthenticationError | type[AuthenticationError]) -> HttpResponse:
    message = _("sign in, or send a token: “Authorization: Bearer …”")
    return JsonResponse({"kind": "unauthenticated", "problems": [{"message": message}]}, status=401)


def _turned_away(_request: HttpRequest, error: HttpError | type[HttpError]) -> HttpResponse:
    status = getattr(error, "status_code", 403)
    return JsonResponse({"kind": Kind.forbidden, "problems": [{"message": str(error)}]}, status=status)


class _Endpoints:
    """What can be asked about one record type, and how it is described."""

    def __init__(self, model: type[Record]) -> None:
        self.model = model

    def router(self) -> Router:
        model, name = self.model, self.model.type_code().replace(".", "_")
        router = Router(tags=[str(model._meta.verbose_name_plural)])
        given, gone = json_schema(model, writing=False), {"204": {"description": "removed"}}
        numbers = {name: {"type": "integer"} for name in ("count", "page", "size")}
        rows = {"type": "object", "properties": {"items": {"type": "array", "items": given}, **numbers}}
        many = {"200": {"description": "rows", **_content(rows)}}
        one = {"200": {"description": "the record", **_content(given)}}
        whole, some = json_schema(model, writing=True), json_schema(model, writing=True, partial=True)
        _add(router, "GET", "", self.records, f"{name}_list", many)
        _add(router, "POST", "", self.create, f"{name}_create", one, whole)
        _add(router, "GET", "/{int:pk}", self.read, f"{name}_read", one)
        _add(router, "PATCH", "/{int:pk}", self.edit, f"{name}_edit", one, some)
        _add(router, "DELETE", "/{int:pk}", self.remove, f"{name}_remove", gone)
        for verb, step in model.steps().items():
            path, label = f"/{{int:pk}}/{verb.replace('_', '-')}", str(step.label)
            _add(router, "POST", path, self.step(verb), f"{name}_{verb}", one, STEP, label)
        return router

    def records(self, request: HttpRequest) -> HttpResponse:
        by = actor_of(request)
        self._readable(by)
        query = list_query(self.model, by, request.GET, _site_asked(request, by))
        size, page = _whole(request, "size", 100, MOST_ROWS), _whole(request, "page", 1, 10**6)
        rows = query.rows[(page - 1) * size : page * size]
        items = [plain(row, by, lines=False) for row in rows]
        return JsonResponse({"items": items, "count": query.rows.count(), "page": page, "size": size})

    def read(self, request: HttpRequest, pk: int) -> HttpResponse:
        by = actor_of(request)
        self._readable(by)
        return JsonResponse(plain(found_record(self.model, by, pk), by))

    def create(self, request: HttpRequest) -> HttpResponse:
        by, body, site = actor_of(request), _json(request), None
        if self.model.scope == "site":
            site = find(Site, body.get("site", ""), None)
            if site is None:
                raise Refused(Problem(_("is required"), "site", body.get("site"), _("the code of a site")))
        data = parsed(self.model, body, site.pk if site else None)
        return JsonResponse(plain(act(self.model, "create", by, data), by), status=201)

    def edit(self, request: HttpRequest, pk: int) -> HttpResponse:
        by, body = actor_of(request), _json(request)
        found, version = found_record(self.model, by, pk), _version(body)
        data = parsed(self.model, body, found.site_id_of_record)
        return JsonResponse(plain(act(found, "edit", by, data, version=version), by))

    def remove(self, request: HttpRequest, pk: int) -> HttpResponse:
        by = actor_of(request)
        act(found_record(self.model, by, pk), "remove", by)
        return HttpResponse(status=204)

    def step(self, verb: str) -> Callable[..., HttpResponse]:
        asks = self.model.steps()[verb].asks

        def take(request: HttpRequest, pk: int) -> HttpResponse:
            by, body = actor_of(request), _json(request)
            found, version = found_record(self.model, by, pk), _version(body)
            reason, secret = str(body.pop("reason", "")), str(body.pop("secret", ""))
            own = {name: body.pop(name) for name in OWN_SECRETS if name in body}
            data = parsed(self.model, body, found.site_id_of_record, only=asks)
            data |= {name: value for name, value in own.items() if name in asks}
            made = act(found, verb, by, data, version=version, reason=reason, secret=secret)
            return JsonResponse(plain(made, by))

        return take

    def _readable(self, by: Actor) -> None:
        if not by.sites(self.model.access.read):
            raise Refused(_("your role does not allow reading this"), Kind.forbidden)


def _add(
    router: Router,
    method: str,
    path: str,
    endpoint: Callable[..., HttpResponse],
    operation_id: str,
    responses: dict[str, Any],
    body: dict[str, Any] | None = None,
    summary: str | None = None,
) -> None:
    refused = {"description": "refused", **_content(PROBLEMS)}
    extra: dict[str, Any] = {"responses": {**responses, "4XX": refused}}
    if body is not None:
        extra["requestBody"] = {"required": body is not STEP, **_content(body)}

    @wraps(endpoint)
    def asked(request: HttpRequest, **place: int) -> HttpResponse:
        return endpoint(request, **place)

    router.add_api_operation(
        path, [method], asked, operation_id=operation_id, summary=summary, openapi_extra=extra
    )


def _content(schema: dict[str, Any]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}


def _site_asked(request: HttpRequest, by: Actor) -> Site | None:
    code = request.GET.get("site")
    site = visible(Site, by).filter(code=code).first() if code else None
    if code and site is None:
        raise Refused(Problem(_("there is no such site"), "site", code), Kind.missing)
    return site


def _whole(request: HttpRequest, name: str, default: int, most: int) -> int:
    given = request.GET.get(name, str(default))
    if not given.isdigit() or not 1 <= int(given) <= most:
        raise Refused(Problem(_("is out of range"), name, given, _("1 to %(most)s") % {"most": most}))
    return int(given)


def _version(body: dict[str, Any]) -> int | None:
    given = body.pop("version", None)
    if given is None or isinstance(given, int):
        return given
    raise Refused(Problem(_("must be a whole number"), "version", given))


def _json(request: HttpRequest) -> dict[str, Any]:
    try:
        body = json.loads(request.body or b"{}")
    except (ValueError, UnicodeDecodeError) as error:
        raise Refused(Problem(_("the body is not JSON: %(why)s") % {"why": error})) from error
    if not isinstance(body, dict):
        raise Refused(Problem(_("the body must be a JSON object")))
    return body


JSON_TYPES: Mapping[str, dict[str, Any]] = {
    "integer": {"type": "integer"},
    "boolean": {"type": "boolean"},
    "decimal": {"type": "string", "format": "decimal"},
    "quantity": {"type": "string", "format": "decimal"},
    "money": {"type": "string", "format": "decimal"},
    "date": {"type": "string", "format": "date"},
    "datetime": {"type": "string", "format": "date-time"},
    "time": {"type": "string", "format": "time"},
}


def plain(record: Record, by: Actor, *, lines: bool = True) -> dict[str, Any]:
    """What the API says of a record: links by natural key, decimals as text, hidden fields left out."""
    model = type(record)
    hidden = hidden_fields(model, by, record.site_id_of_record) | hidden_fields(model, by)
    said: dict[str, Any] = {"id": record.pk, "version": record.version, "key": record.key_text()}
    said |= {name: spec.plain(record) for name, spec in fields_of(model).items() if name not in hidden}
    if lines:
        for name, line in model.line_types().items():
            specs = fields_of(line)
            links = [spec.name for spec in specs.values() if spec.kind == "link"]
            rows = getattr(record, name).select_related(*links).order_by(*line.line_key())
            said[name] = [{field: spec.plain(row) for field, spec in specs.items()} for row in rows]
    return said


def json_schema(model: type[Record], *, writing: bool, partial: bool = False) -> dict[str, Any]:
    """JSON schema of what the API takes (`writing`) or gives for a record type."""
    specs = keyed_fields(model) if writing else fields_of(model)
    schema = _object(specs, required=writing and not partial)
    for name, line in model.line_types().items():
        schema["properties"][name] = {
            "type": "array",
            "items": _object(keyed_fields(line) if writing else fields_of(line), required=writing),
        }
    if writing and partial:
        told = "The version you have in front of you; refused if it is no longer current."
        schema["properties"]["version"] = {"type": "integer", "description": told}
    if not writing:
        types = {"id": "integer", "version": "integer", "key": "string"}
        schema["properties"] = {name: {"type": of} for name, of in types.items()} | schema["properties"]
    return schema


def _object(specs: Mapping[str, FieldSpec], *, required: bool) -> dict[str, Any]:
    names = [name for name, spec in specs.items() if spec.required and required]
    properties = {name: _property(spec) for name, spec in specs.items()}
    return {"type": "object", "properties": properties} | ({"required": names} if names else {})


def _property(spec: FieldSpec) -> dict[str, Any]:
    described = dict(JSON_TYPES.get(spec.kind, {"type": "string"}))
    if spec.kind in ("choice", "state"):
        described["enum"] = [str(value) for value, _label in spec.choices()]
    words = [str(spec.help) or str(spec.label), spec.allowed() if spec.editable else ""]
    described["description"] = "; ".join(word for word in words if word)
    if spec.unit:
        described["x-unit"] = spec.unit
    if spec.model_field.null:
        described["nullable"] = True
    return described
