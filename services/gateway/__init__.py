"""The HTTP API. It validates, streams uploads to S3, writes rows, starts workflows and reads."""
