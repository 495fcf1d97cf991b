"""The engine: facts from observations, the rule table, the assessment of every cause, the interview and the plan.

Pure functions: no clock, no machine, no user interface. What they know is TOML in `diagnostics/knowledge/`.
"""
