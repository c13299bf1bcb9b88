"""The views of the facts: what is shown is computed here, from facts and dated rules, and can be rebuilt."""
