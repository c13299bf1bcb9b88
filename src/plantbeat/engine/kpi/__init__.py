"""Key performance indicators: one ratio type and the formulas over it, one module per subject."""
