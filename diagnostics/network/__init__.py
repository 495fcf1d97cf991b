"""Whether this computer's network reaches what WeChat needs: names, connections, encryption, pages.

In go targets and a deadline (`probe`); out come measurements without judgement, and their diagnosis (`diagnosis`).
"""
