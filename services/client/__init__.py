"""A typed Python client of the API, generated from its description."""
