"""Material and capacity requirements: bills of materials over all levels, rough-cut load of work centres."""

from plantbeat.engine.mrp.bom import (
    Bill,
    BillCircleError,
    BillLine,
    Bills,
    MaterialCost,
    Node,
    circle,
    material_cost,
    structure,
    where_used,
)
from plantbeat.engine.mrp.rough_cut import Bucket, CentreLoad, Need, Step, needs_back_from_due, rough_cut_load

__all__ = [
    "Bill",
    "BillCircleError",
    "BillLine",
    "Bills",
    "Bucket",
    "CentreLoad",
    "MaterialCost",
    "Need",
    "Node",
    "Step",
    "circle",
    "material_cost",
    "needs_back_from_due",
    "rough_cut_load",
    "structure",
    "where_used",
]
