"""Wires record types into the registry once every application is loaded."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from django.apps import AppConfig, apps

from plantbeat.kernel import registry


class KernelConfig(AppConfig):
    """Users, sites, permission, the write path and its log."""

    default = True
    name = "plantbeat.kernel"
    label = "kernel"

    def ready(self) -> None:
        """Fill the registry with every record type of every installed application."""
        from plantbeat.kernel.record import Record

        for model in apps.get_models():
            if issubclass(model, Record):
                registry.register(model)


class AreaConfig(AppConfig):
    """An application whose record types are modules of its `records` package, one file each."""

    def import_models(self) -> None:
        """Load every module of `records` where Django would load `models`."""
        self.models = apps.all_models[self.label]
        package = import_module(f"{self.name}.records")
        for module in pkgutil.iter_modules(package.__path__):
            import_module(f"{package.__name__}.{module.name}")
        self.models_module = package
