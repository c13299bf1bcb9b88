"""What the demo plant consists of, as plain tables."""

from __future__ import annotations

from dataclasses import dataclass

SITE = {
    "code": "RIV",
    "name": "Riverside",
    "enterprise": "Plantbeat demo",
    "zone": "America/Chicago",
    "currency": "USD",
}

AREAS = [("FILL", "Filling and packaging"), ("MACH", "Machining cell")]

# code, name, area, shift pattern
LINES = [
    ("L1", "Line 1, small bottles", "FILL", "CONT"),
    ("L2", "Line 2, small bottles", "FILL", "CONT"),
    ("L3", "Line 3, small bottles", "FILL", "WEEK3"),
    ("L4", "Line 4, canisters", "FILL", "WEEK3"),
    ("L5", "Line 5, canisters", "FILL", "WEEK3"),
    ("CELL", "Machining cell", "MACH", "WEEK3"),
]

TAPPED_LINE = "L5"
"""The line whose pieces no machine counts: its people tap pallets, packs and pieces."""

# suffix, name, class; in the order the product takes
STATIONS = [
    ("UNS", "Unscrambler", "conveying"),
    ("FIL", "Filler", "filling"),
    ("CAP", "Capper", "capping"),
    ("LAB", "Labeller", "labelling"),
    ("PAC", "Case packer", "packing"),
]
BOTTLENECK, COUNTING_POINT = "FIL", "PAC"

MACHINING = [
    ("CNC1", "Lathe 1 (Hurco)", "TURN"),
    ("CNC2", "Lathe 2", "TURN"),
    ("CNC3", "Lathe 3", "TURN"),
    ("CNC4", "Mill 1 (Mazak)", "MILL"),
    ("CNC5", "Mill 2", "MILL"),
]

CELL_SHOWN_BY = "CNC2"

WORK_CENTRES = [
    ("SMALL", "Small-bottle filling"),
    ("LARGE", "Canister filling"),
    ("TURN", "Turning"),
    ("MILL", "Milling"),
]
CENTRE_OF_LINE = {"L1": "SMALL", "L2": "SMALL", "L3": "SMALL", "L4": "LARGE", "L5": "LARGE"}


@dataclass(frozen=True, slots=True)
class Product:
    """A finished item: where it is made, its set-up family and its ideal cycle."""

    code: str
    name: str
    family: str
    centre: str
    cycle_s: float
    cost: float
    components: tuple[tuple[str, float], ...] = ()


PRODUCTS = [
    Product(
        "DISH-500",
        "Dish soap lemon 500 ml",
        "lemon",
        "SMALL",
        0.60,
        0.92,
        (("BTL-500", 1), ("CAP-28", 1), ("SOAP", 0.5)),
    ),
    Product(
        "DISH-500M",
        "Dish soap mint 500 ml",
        "mint",
        "SMALL",
        0.60,
        0.94,
        (("BTL-500", 1), ("CAP-28", 1), ("SOAP", 0.5)),
    ),
    Product(
        "HAND-300",
        "Hand wash 300 ml",
        "hand",
        "SMALL",
        0.48,
        1.05,
        (("BTL-300", 1), ("PUMP", 1), ("SOAP", 0.3)),
    ),
    Product(
        "HAND-300S",
        "Hand wash sensitive 300 ml",
        "sensitive",
        "SMALL",
        0.50,
        1.22,
        (("BTL-300", 1), ("PUMP", 1), ("SOAP-S", 0.3)),
    ),
    Product(
        "GLASS-750",
        "Glass cleaner 750 ml",
        "glass",
        "SMALL",
        0.75,
        0.88,
        (("BTL-750", 1), ("SPRAY", 1), ("GLASSLIQ", 0.75)),
    ),
    Product(
        "BATH-750",
        "Bathroom cleaner 750 ml",
        "acid",
        "SMALL",
        0.80,
        1.10,
        (("BTL-750", 1), ("SPRAY", 1), ("ACIDLIQ", 0.75)),
    ),
    Product(
        "LAUN-5",
        "Laundry liquid 5 l",
        "laundry",
        "LARGE",
        3.0,
        4.80,
        (("CAN-5", 1), ("CAP-51", 1), ("LAUNLIQ", 5)),
    ),
    Product(
        "LAUN-5C",
        "Laundry liquid colour 5 l",
        "colour",
        "LARGE",
        3.0,
        5.10,
        (("CAN-5", 1), ("CAP-51", 1), ("LAUNLIQ-C", 5)),
    ),
    Product(
        "FLOOR-10",
        "Floor cleaner 10 l",
        "floor",
        "LARGE",
        4.5,
        7.30,
        (("CAN-10", 1), ("CAP-51", 1), ("FLOORLIQ", 10)),
    ),
    Product(
        "SAN-10",
        "Sanitiser 10 l",
        "chlorine",
        "LARGE",
        4.8,
        8.40,
        (("CAN-10", 1), ("CAP-51", 1), ("CHLORINE", 10)),
    ),
]

PARTS = [
    Product("NOZ-12", "Filling nozzle 12 mm", "stainless", "TURN", 210.0, 18.0, (("BAR-20", 0.12),)),
    Product("NOZ-18", "Filling nozzle 18 mm", "stainless", "TURN", 260.0, 22.0, (("BAR-30", 0.12),)),
    Product("STAR-6", "Star wheel 6 pockets", "plastic", "MILL", 900.0, 64.0, (("PLATE-PE", 0.4),)),
    Product("GUIDE-L", "Guide rail", "aluminium", "MILL", 540.0, 31.0, (("PLATE-AL", 0.2),)),
]

# code, name, unit, cost
MATERIALS = [
    ("BTL-300", "Bottle 300 ml", "pcs", 0.11),
    ("BTL-500", "Bottle 500 ml", "pcs", 0.13),
    ("BTL-750", "Bottle 750 ml", "pcs", 0.17),
    ("CAN-5", "Canister 5 l", "pcs", 0.72),
    ("CAN-10", "Canister 10 l", "pcs", 1.15),
    ("CAP-28", "Cap 28 mm", "pcs", 0.02),
    ("CAP-51", "Cap 51 mm", "pcs", 0.05),
    ("PUMP", "Pump", "pcs", 0.21),
    ("SPRAY", "Spray head", "pcs", 0.24),
    ("SOAP", "Soap base", "l", 0.61),
    ("SOAP-S", "Soap base, sensitive", "l", 0.88),
    ("GLASSLIQ", "Glass cleaner bulk", "l", 0.32),
    ("ACIDLIQ", "Bathroom cleaner bulk", "l", 0.41),
    ("LAUNLIQ", "Laundry liquid bulk", "l", 0.55),
    ("LAUNLIQ-C", "Laundry liquid colour bulk", "l", 0.61),
    ("FLOORLIQ", "Floor cleaner bulk", "l", 0.38),
    ("CHLORINE", "Sanitiser bulk", "l", 0.47),
    ("BAR-20", "Bar 20 mm stainless", "m", 9.4),
    ("BAR-30", "Bar 30 mm stainless", "m", 14.2),
    ("PLATE-PE", "Plate PE-UHMW", "m2", 88.0),
    ("PLATE-AL", "Plate aluminium", "m2", 102.0),
]

# minutes to change a work centre; `*` stands for any other family
CHANGEOVERS = {
    "SMALL": [
        ("*", "*", 24),
        ("lemon", "mint", 12),
        ("mint", "lemon", 14),
        ("*", "sensitive", 45),
        ("acid", "*", 55),
        ("*", "acid", 30),
        ("hand", "sensitive", 20),
    ],
    "LARGE": [
        ("*", "*", 30),
        ("laundry", "colour", 15),
        ("colour", "laundry", 22),
        ("chlorine", "*", 75),
        ("*", "chlorine", 40),
    ],
    "TURN": [("*", "*", 25)],
    "MILL": [("*", "*", 40)],
}

# code, name, parent, counts as, loss
REASONS = [
    ("MECH", "Mechanical", "", "own_stop", "breakdowns"),
    ("MECH-JAM", "Jam", "MECH", "own_stop", "breakdowns"),
    ("MECH-DRIVE", "Drive or belt", "MECH", "own_stop", "breakdowns"),
    ("MECH-SEAL", "Seal or leak", "MECH", "own_stop", "breakdowns"),
    ("ELEC", "Electrical and control", "", "own_stop", "breakdowns"),
    ("ELEC-SENSOR", "Sensor", "ELEC", "own_stop", "breakdowns"),
    ("ELEC-PLC", "Control fault", "ELEC", "own_stop", "breakdowns"),
    ("QUAL", "Quality hold", "", "own_stop", "breakdowns"),
    ("QUAL-LABEL", "Label crooked", "QUAL", "own_stop", "breakdowns"),
    ("QUAL-FILL", "Fill level", "QUAL", "own_stop", "breakdowns"),
    ("TOOL", "Tool worn or broken", "", "own_stop", "breakdowns"),
    ("SHORT", "Short stop", "", "own_stop", "idling_and_minor_stops"),
    ("MAT", "No material", "", "starved", "idling_and_minor_stops"),
    ("OPER", "No operator", "", "own_stop", "breakdowns"),
    ("DOWN", "Next machine full", "", "blocked", "idling_and_minor_stops"),
    ("SETUP", "Changeover", "", "setup", "setup_and_adjustment"),
    ("CLEAN", "Cleaning", "", "setup", "setup_and_adjustment"),
    ("PM", "Planned maintenance", "", "planned_stop", "none"),
    ("NOORD", "No order", "", "no_order", "none"),
    ("UNKNOWN", "Cause not found", "", "own_stop", "breakdowns"),
]

HOLIDAYS = [("01-01", "New Year's Day"), ("07-04", "Independence Day"), ("12-25", "Christmas Day")]

CUSTOMERS = ["Northmart", "Cleanwell", "Haven Stores", "Own brand", "Lakeside Wholesale", "Metro Care"]

# pieces in a case, pieces on a pallet
PACKS = {
    "DISH-500": (20, 1200), "DISH-500M": (20, 1200), "HAND-300": (24, 1728), "HAND-300S": (24, 1728),
    "GLASS-750": (12, 720), "BATH-750": (12, 720), "LAUN-5": (4, 128), "LAUN-5C": (4, 128),
    "FLOOR-10": (2, 64), "SAN-10": (2, 64),
}  # fmt: skip
