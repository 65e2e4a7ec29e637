"""A typed client of one ComfyUI server."""
