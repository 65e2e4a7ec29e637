"""A stand-in for ComfyUI 0.3.64: its contract on the wire, drawn results in its files."""
