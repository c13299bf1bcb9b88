"""A measure as people open it: its value, the parts of a cut, the facts behind it; pages, files and REST."""
