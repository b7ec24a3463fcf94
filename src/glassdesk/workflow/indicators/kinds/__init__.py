"""One indicator per file; each is named in the catalogue."""
