"""Tests of the questionnaire for the phone and of its answers code."""
