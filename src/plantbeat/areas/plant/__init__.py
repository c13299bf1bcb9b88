"""Master data: where things are made, by what, from what, when."""
