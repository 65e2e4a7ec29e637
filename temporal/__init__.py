"""Workflows, activities and the worker that runs them."""
