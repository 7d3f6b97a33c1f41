"""Writes what was measured: Markdown, HTML, plots and CSV."""
