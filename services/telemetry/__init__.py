"""What operators see of the running services: metrics, traces."""
