"""The line of machines of the views' tests, for the day prepared from it."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "facts" / "views"))
