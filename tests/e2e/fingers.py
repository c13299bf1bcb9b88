"""Fingers on a touch screen, told to Chromium one by one as its touch driver would."""

from __future__ import annotations

from playwright.sync_api import Page

STEPS = 8
BETWEEN_MS = 25
Point = tuple[float, float]


class Fingers:
    """Up to ten fingers on a page. Coordinates are those of the viewport, px."""

    def __init__(self, page: Page) -> None:
        self.page, self.session = page, page.context.new_cdp_session(page)
        self.at: list[Point] = []

    def down(self, *points: Point) -> None:
        """Put fingers down, in this order."""
        for point in points:
            self.at.append(point)
            self._tell("touchStart")

    def move(self, *points: Point) -> None:
        """Move every finger that is down to its point, in small steps as a hand does."""
        begin = list(self.at)
        for step in range(1, STEPS + 1):
            share = step / STEPS
            self.at = [
                (x + (to_x - x) * share, y + (to_y - y) * share)
                for (x, y), (to_x, to_y) in zip(begin, points, strict=True)
            ]
            self._tell("touchMove")
            self.page.wait_for_timeout(BETWEEN_MS)

    def up(self) -> None:
        """Lift all fingers."""
        self.at = []
        self._tell("touchEnd")

    def cancel(self) -> None:
        """The system takes the touch away, as for a gesture of its own."""
        self.at = []
        self._tell("touchCancel")

    def _tell(self, kind: str) -> None:
        points = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(self.at)]
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
