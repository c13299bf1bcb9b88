"""Background work of the plant: large workbooks."""

from __future__ import annotations

from django_tasks import task

from plantbeat.areas.plant import workbook_upload
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import User
from plantbeat.kernel.questions import own
from plantbeat.surfaces.import_.pages import staged


@task(queue_name="heavy")
def prepare_workbook(token: int, owner: int) -> None:
    """Say what loading an uploaded workbook would do."""
    workbook_upload.prepare(staged(token, owner, workbook_upload.PURPOSE), _actor(owner))


@task(queue_name="heavy")
def load_workbook(token: int, owner: int, good_rows_only: bool) -> None:
    """Load an uploaded workbook with the rights its owner has now."""
    upload = staged(token, owner, workbook_upload.PURPOSE)
    workbook_upload.finish(upload, _actor(owner), good_rows_only=good_rows_only)


def _actor(owner: int) -> Actor:
    user = own(User, pk=owner)
    if user is None:
        raise LookupError(f"user {owner} is gone")
    return Actor.of(user)
