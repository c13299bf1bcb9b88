"""The shift pack: everything a line needs to work a shift on paper."""
