"""Compares, cleans and redacts objects."""
