"""Postgres for what people read, S3 for every byte."""
