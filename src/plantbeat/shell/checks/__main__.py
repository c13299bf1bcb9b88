"""`python -m plantbeat.shell.checks [NAME ...]`: run all checks, or those named."""

import argparse
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from plantbeat.shell.checks.allowances import without_allowed
from plantbeat.shell.checks.catalogue import CHECKS, ON_REQUEST
from plantbeat.shell.checks.finding import Finding
from plantbeat.shell.checks.tree import Tree

REPOSITORY = Path(__file__).parents[4]
KNOWN = CHECKS | ON_REQUEST


def main(arguments: list[str] | None = None, root: Path = REPOSITORY) -> int:
    """Print a table of the checks with their times, then what they found; 0 if nothing, 1 if something."""
    parser = argparse.ArgumentParser(
        prog="plantbeat check",
        description="Check the source tree.",
        epilog="\n".join(
            f"  {name:<11} {(check.__doc__ or '').splitlines()[0]}" for name, check in KNOWN.items()
        ),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="checks to run (all but audit if none is named)"
    )
    chosen = parser.parse_args(arguments).names or list(CHECKS)
    unknown = [name for name in chosen if name not in KNOWN]
    if unknown:
        parser.error(f"no check is called {', '.join(unknown)}; there are {', '.join(KNOWN)}")
    if not (root / "pyproject.toml").is_file():
        parser.exit(2, f"check works in a checkout of the repository; {root} is none\n")

    tree = Tree(root)
    told, failed = {}, 0
    print(f"{'check':<12}{'time':>8}  result")
    # Two at a time: the long ones are other programs, meanwhile this one reads the tree.
    with ThreadPoolExecutor(2) as pool:
        for name, (findings, seconds) in zip(
            chosen, pool.map(lambda name: _timed(name, tree), chosen), strict=True
        ):
            faults = sum(not finding.is_note for finding in findings)
            result = f"{faults} found" if faults else "not all could be looked at" if findings else "ok"
            print(f"{name:<12}{seconds:>6.1f} s  {result}", flush=True)
            if findings:
                told[name] = findings
            failed += bool(faults)
    for name, findings in told.items():
        print(f"\n{name}")
        for finding in findings:
            print(f"  {str(finding).replace(chr(10), chr(10) + '  ')}")
    print(f"\n{_summary(failed, len(chosen), complete=not told)}")
    return 1 if failed else 0


def _summary(failed: int, chosen: int, *, complete: bool) -> str:
    if failed:
        return f"{failed} of {chosen} checks failed."
    return f"All {chosen} checks passed." if complete else "No check failed, but not all could be looked at."


def _timed(name: str, tree: Tree) -> tuple[list[Finding], float]:
    begin = time.perf_counter()
    findings = without_allowed(name, KNOWN[name](tree))
    return findings, time.perf_counter() - begin


if __name__ == "__main__":
    sys.exit(main())
