"""What every record of a knowledge file is: a table with known keys, some with a text in both languages.

Here and where records are declared, annotations are evaluated with the class: msgspec would need two milliseconds of
each start to read them as texts.
"""

import msgspec

from diagnostics.i18n import UserError


class KnowledgeError(UserError):
    """A knowledge file cannot be used; the place is the file and line."""


class Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """A table of a knowledge file; an unknown key is an error. What is not given is not kept either.

    Records hold no circle, so that the garbage collector need not look at them: that takes a quarter of loading.
    """


class Text(Record, frozen=True):
    """One text in both languages."""

    zh: str
    en: str

    def get(self, lang: str) -> str:
        """Return the text in this language; anything but `en` is Chinese."""
        return self.en if lang == "en" else self.zh
