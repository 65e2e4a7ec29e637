"""What is done to pictures, clips and sounds. Synchronous, on local files, bounded in memory."""
