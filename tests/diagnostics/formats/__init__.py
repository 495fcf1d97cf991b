"""Tests of the written reports."""
