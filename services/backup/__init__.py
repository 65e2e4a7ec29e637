"""Backups of the embedded stack, taken while it runs, and what is made of them. docs/backup.md."""
