"""The checks behind `./plantbeat check`: what ruff and mypy cannot know about this code base.

One module per rule, each with a function that reads the source tree and returns findings. Run by
`python -m plantbeat.shell.checks [NAME ...]`; the list of all is in `catalogue`.
"""
