"""Names that files have, or claim to have."""

from random import Random

ODD_STEMS = (
    "../../../etc/passwd",
    "..\\..\\windows\\win",
    "/etc/shadow",
    "C:\\Users\\me\\a clip",
    "new\r\nline: yes",
    "tab\there",
    "nul\0inside",
    "bell\x07\x1b[31mred",
    "\u202egnp.exe",
    "left\u200eright\u200fmarks\u2066x\u2069",
    "zero\u200bwidth\ufeff",
    "emoji 🕺🏽👩‍👩‍👧",
    "Ünïcödé ñ é",
    "日本語のファイル",
    "עברית",
    "quote \" ' ` quote",
    "semi;colon=a; filename=b",
    "<script>alert(1)</script>",
    "percent %2e%2e%2f %00 {x} $(y)",
    "concat:a|b",
    "subfile,,start,0,end,9,,",
    "http://example.invalid/a",
    "-rf --help",
    "CON",
    ".hidden",
    "trailing dots...",
    "   spaces   ",
    "archive.tar.gz",
    "page.html",
    "long " + "very " * 60,
    "é" * 120,
    "%s%n%d",
    "'; DROP TABLE assets; --",
)


def odd_name(dice: Random, suffix: str) -> str:
    """A name with this suffix, odd more often than not."""
    if dice.random() < 0.4:
        return f"{dice.choice(('IMG', 'clip', 'take', 'export'))}_{dice.randrange(10_000)}{suffix}"
    return dice.choice(ODD_STEMS) + suffix
