"""`python -m plantbeat.shell.cli`: the command line where no script is installed."""

from plantbeat.shell.cli import main

main()
