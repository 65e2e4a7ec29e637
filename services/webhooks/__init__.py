"""Signs messages to other services, and sends them where that does no harm."""
