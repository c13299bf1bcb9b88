"""REST for every record type, generated from its declaration; one OpenAPI document describes all of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI, Router
from ninja.errors import AuthenticationError, HttpError
from ninja.security import HttpBearer, SessionAuth

import plantbeat
from plantbeat.kernel import registry
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.act import act
from plantbeat.kernel.problems import Kind, Problem, Refused
from plantbeat.kernel.questions import site_of_code
from plantbeat.kernel.record import Record
from plantbeat.kernel.schema import find, parse
from plantbeat.kernel.signature import Signing
from plantbeat.surfaces.api.plain import json_schema, plain
from plantbeat.surfaces.filter.query import list_query
from plantbeat.surfaces.pages.view import actor_of, found_record

MOST_ROWS = 1000
PROBLEMS = {
    "type": "object",
    "properties": {
        "kind": {"type": "string", "enum": [str(kind) for kind in Kind]},
        "problems": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    name: {"type": "string"}
                    for name in ("field", "value", "message", "allowed", "sheet", "column")
                }
                | {"row": {"type": "integer"}},
            },
        },
    },
}
Endpoint = Callable[..., HttpResponse]


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
            made.add_router(f"/{model._meta.app_label}/{model.slug()}", router_of(model))
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


def router_of(model: type[Record]) -> Router:
    """The endpoints of one record type."""
    router = Router(tags=[str(model._meta.verbose_name_plural)])
    name = model.type_code().replace(".", "_")
    _add(router, "GET", "", _listing(model), f"{name}_list", _many(model))
    _add(router, "POST", "", _creating(model), f"{name}_create", _one(model), _body(model, partial=False))
    _add(router, "GET", "/{int:pk}", _reading(model), f"{name}_read", _one(model))
    _add(
        router, "PATCH", "/{int:pk}", _editing(model), f"{name}_edit", _one(model), _body(model, partial=True)
    )
    _add(
        router, "DELETE", "/{int:pk}", _removing(model), f"{name}_remove", {"204": {"description": "removed"}}
    )
    for verb, step in model.steps().items():
        body = _content(
            {"type": "object", "properties": {"reason": {"type": "string"}, "secret": {"type": "string"}}}
        )
        path = f"/{{int:pk}}/{verb.replace('_', '-')}"
        _add(
            router, "POST", path, _stepping(model, verb), f"{name}_{verb}", _one(model), body, str(step.label)
        )
    return router


def _add(
    router: Router,
    method: str,
    path: str,
    endpoint: Endpoint,
    operation_id: str,
    responses: dict[str, Any],
    body: dict[str, Any] | None = None,
    summary: str = "",
) -> None:
    extra: dict[str, Any] = {
        "responses": {**responses, "4XX": {"description": "refused", **_content(PROBLEMS)}}
    }
    if body is not None:
        extra["requestBody"] = body
    router.add_api_operation(
        path, [method], endpoint, operation_id=operation_id, summary=summary or None, openapi_extra=extra
    )


def _content(schema: dict[str, Any]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}


def _body(model: type[Record], *, partial: bool) -> dict[str, Any]:
    return {"required": True, **_content(json_schema(model, writing=True, partial=partial))}


def _one(model: type[Record]) -> dict[str, Any]:
    return {"200": {"description": "the record", **_content(json_schema(model, writing=False))}}


def _many(model: type[Record]) -> dict[str, Any]:
    numbers = {name: {"type": "integer"} for name in ("count", "page", "size")}
    items = {"items": {"type": "array", "items": json_schema(model, writing=False)}}
    return {
        "200": {"description": "rows", **_content({"type": "object", "properties": {**items, **numbers}})}
    }


def _listing(model: type[Record]) -> Endpoint:
    def records(request: HttpRequest) -> HttpResponse:
        by = actor_of(request)
        _readable(model, by)
        query = list_query(model, by, request.GET, _site_asked(request, by))
        size, page = _whole(request, "size", 100, MOST_ROWS), _whole(request, "page", 1, 10**6)
        rows = query.rows[(page - 1) * size : page * size]
        items = [plain(row, by, lines=False) for row in rows]
        return JsonResponse({"items": items, "count": query.rows.count(), "page": page, "size": size})

    return records


def _reading(model: type[Record]) -> Endpoint:
    def read(request: HttpRequest, pk: int) -> HttpResponse:
        by = actor_of(request)
        _readable(model, by)
        return JsonResponse(plain(found_record(model, by, pk), by))

    return read


def _creating(model: type[Record]) -> Endpoint:
    def create(request: HttpRequest) -> HttpResponse:
        by, body = actor_of(request), _json(request)
        site = None
        if model.scope == "site":
            site = find(Site, body.get("site", ""), None)
            if site is None:
                raise Refused(Problem(_("is required"), "site", body.get("site"), _("the code of a site")))
        data, problems = parse(model, body, site.pk if site else None)
        if problems:
            raise Refused(problems)
        return JsonResponse(plain(act(model, "create", by, data), by), status=201)

    return create


def _editing(model: type[Record]) -> Endpoint:
    def edit(request: HttpRequest, pk: int) -> HttpResponse:
        by, body = actor_of(request), _json(request)
        found = found_record(model, by, pk)
        version = body.pop("version", None)
        data, problems = parse(model, body, found.site_id_of_record)
        if problems:
            raise Refused(problems)
        return JsonResponse(plain(act(found, "edit", by, data, version=_version(version)), by))

    return edit


def _removing(model: type[Record]) -> Endpoint:
    def remove(request: HttpRequest, pk: int) -> HttpResponse:
        by = actor_of(request)
        act(found_record(model, by, pk), "remove", by)
        return HttpResponse(status=204)

    return remove


def _stepping(model: type[Record], verb: str) -> Endpoint:
    def take(request: HttpRequest, pk: int) -> HttpResponse:
        by, body = actor_of(request), _json(request)
        found = found_record(model, by, pk)
        reason, secret = str(body.pop("reason", "")), str(body.pop("secret", ""))
        version = _version(body.pop("version", None))
        step = model.steps()[verb]
        known = {name: value for name, value in body.items() if name not in ("password", "pin")}
        data, problems = parse(model, known, found.site_id_of_record, only=step.asks)
        if problems:
            raise Refused(problems)
        data |= {name: body[name] for name in step.asks if name in ("password", "pin") and name in body}
        signing = Signing(secret) if secret else None
        return JsonResponse(
            plain(act(found, verb, by, data, version=version, reason=reason, signing=signing), by)
        )

    return take


def _readable(model: type[Record], by: Actor) -> None:
    if not (by.trusted or by.sites(model.access.read)):
        raise Refused(_("your role does not allow reading this"), Kind.forbidden)


def _site_asked(request: HttpRequest, by: Actor) -> Site | None:
    code = request.GET.get("site")
    if not code:
        return None
    site = site_of_code(code, by)
    if site is None:
        raise Refused(Problem(_("there is no such site"), "site", code), Kind.missing)
    return site


def _whole(request: HttpRequest, name: str, default: int, most: int) -> int:
    given = request.GET.get(name, str(default))
    if not given.isdigit() or not 1 <= int(given) <= most:
        raise Refused(Problem(_("is out of range"), name, given, _("1 to %(most)s") % {"most": most}))
    return int(given)


def _version(given: Any) -> int | None:
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
