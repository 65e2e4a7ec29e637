"""The processes: gateway, media, ComfyUI edge, stores, and the embedded stack."""
