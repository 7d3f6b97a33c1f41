"""The web page: files that were built elsewhere, held in memory."""
