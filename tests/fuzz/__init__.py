"""Everything the API's description promises, asked with data that nobody has thought of."""
