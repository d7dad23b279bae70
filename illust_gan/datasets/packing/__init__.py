"""Pictures of a folder, a zip archive or a list become a packed data set."""
