"""Names of files and folders for texts that people chose."""

from __future__ import annotations

import re
from collections.abc import Iterable

_LONGEST = 80
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def file_names(texts: Iterable[str]) -> dict[str, str]:
    """Return for each text a name that every file system takes, different ones for different texts.

    File systems that do not tell large from small letters count, too.
    """
    names: dict[str, str] = {}
    taken: set[str] = set()
    for text in dict.fromkeys(texts):
        plain = re.sub(r'[\x00-\x1f<>:"/\\|?*]', "_", text).strip(". ")[:_LONGEST].strip(". ") or "_"
        plain = f"_{plain}" if _RESERVED.fullmatch(plain) else plain
        name, number = plain, 2
        while name.casefold() in taken:
            name, number = f"{plain} ({number})", number + 1
        taken.add(name.casefold())
        names[text] = name
    return names
