"""The face of one member: routes (JSON) and pages (HTML)."""
