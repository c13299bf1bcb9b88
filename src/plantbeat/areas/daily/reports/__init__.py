"""Weekly and monthly pages, the executive page, the wall slide: one set of figures."""
