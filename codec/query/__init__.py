"""Selects and tabulates what a source holds: kinds, names, labels, revisions."""
