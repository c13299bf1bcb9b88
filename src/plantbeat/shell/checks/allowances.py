"""Places where a rule does not hold, each with its reason; one that nobody needs any more is a finding."""

from dataclasses import dataclass

from plantbeat.shell.checks.finding import Finding


@dataclass(frozen=True)
class Allowance:
    """A check, a file or a folder ending in "/" (below the repository root), and why it is right there."""

    check: str
    path: str
    reason: str

    def covers(self, finding: Finding) -> bool:
        return finding.path == self.path or (self.path.endswith("/") and finding.path.startswith(self.path))


ALLOWANCES: tuple[Allowance, ...] = ()


def without_allowed(
    check: str, findings: list[Finding], allowances: tuple[Allowance, ...] = ALLOWANCES
) -> list[Finding]:
    """The findings no allowance covers, and one for each allowance of this check that covers nothing."""
    mine = [allowance for allowance in allowances if allowance.check == check]
    kept = [finding for finding in findings if not any(allowance.covers(finding) for allowance in mine)]
    for allowance in mine:
        if not allowance.reason.strip():
            kept.append(Finding(allowance.path, 0, f"the allowance for {check} states no reason"))
        if not any(allowance.covers(finding) for finding in findings):
            kept.append(
                Finding(allowance.path, 0, f"the allowance for {check} is not needed any more; remove it")
            )
    return kept
