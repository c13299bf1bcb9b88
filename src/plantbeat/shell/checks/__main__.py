"""`python -m plantbeat.shell.checks [NAME ...]`: run all checks, or those named."""

import argparse
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from plantbeat.shell.checks.allowances import without_allowed
from plantbeat.shell.checks.catalogue import CHECKS
from plantbeat.shell.checks.finding import Finding
from plantbeat.shell.checks.tree import Tree

REPOSITORY = Path(__file__).parents[4]


def main(arguments: list[str] | None = None, root: Path = REPOSITORY) -> int:
    """Print a table of the checks with their times, then what they found; 0 if nothing, 1 if something."""
    parser = argparse.ArgumentParser(
        prog="plantbeat check",
        description="Check the source tree.",
        epilog="\n".join(
            f"  {name:<11} {(check.__doc__ or '').splitlines()[0]}" for name, check in CHECKS.items()
        ),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="checks to run (all if none is named)")
    chosen = parser.parse_args(arguments).names or list(CHECKS)
    unknown = [name for name in chosen if name not in CHECKS]
    if unknown:
        parser.error(f"no check is called {', '.join(unknown)}; there are {', '.join(CHECKS)}")
    if not (root / "pyproject.toml").is_file():
        parser.exit(2, f"check works in a checkout of the repository; {root} is none\n")

    tree = Tree(root)
    failed = {}
    print(f"{'check':<12}{'time':>8}  result")
    # Two at a time: the long ones are other programs, meanwhile this one reads the tree.
    with ThreadPoolExecutor(2) as pool:
        for name, (findings, seconds) in zip(
            chosen, pool.map(lambda name: _timed(name, tree), chosen), strict=True
        ):
            result = "ok" if not findings else f"{len(findings)} found"
            print(f"{name:<12}{seconds:>6.1f} s  {result}", flush=True)
            if findings:
                failed[name] = findings
    for name, findings in failed.items():
        print(f"\n{name}")
        for finding in findings:
            print(f"  {str(finding).replace(chr(10), chr(10) + '  ')}")
    print(
        f"\n{len(failed)} of {len(chosen)} checks failed."
        if failed
        else f"\nAll {len(chosen)} checks passed."
    )
    return 1 if failed else 0


def _timed(name: str, tree: Tree) -> tuple[list[Finding], float]:
    begin = time.perf_counter()
    findings = without_allowed(name, CHECKS[name](tree))
    return findings, time.perf_counter() - begin


if __name__ == "__main__":
    sys.exit(main())
