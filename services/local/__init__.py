"""The embedded stack: every server Animatrix needs, started on this machine from wheels."""
