"""How the generated parts of the documentation are made; no part of the installed product."""
