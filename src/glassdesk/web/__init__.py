"""The pages and the REST API: parse, call the desk, present."""
