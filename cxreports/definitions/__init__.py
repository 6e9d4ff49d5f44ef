"""The files that say what is measured: read once, checked against each other."""
