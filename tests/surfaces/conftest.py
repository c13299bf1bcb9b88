"""Signed-in browsers for the pages of the generic surfaces."""

from __future__ import annotations

import pytest
from django.test import Client

from people_of_the_plant import Plant
from plantbeat.kernel.access import Role


@pytest.fixture
def browser(plant: Plant):
    """`browser(role)` is a signed-in browser of somebody at north; `everywhere` for all sites."""

    def signed_in(role: Role | None = None, **where: object) -> Client:
        client = Client()
        client.force_login(
            plant.user(role, **where), backend="allauth.account.auth_backends.AuthenticationBackend"
        )
        return client

    return signed_in
