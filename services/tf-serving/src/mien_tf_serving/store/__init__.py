"""Builds the folder of SavedModels and configuration that either server reads."""
