"""Specs of section 11."""
