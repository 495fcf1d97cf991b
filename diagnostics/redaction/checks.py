"""Checksums and layouts of personal numbers: ISO 7064 MOD 11-2 (GB 11643), Luhn (ISO/IEC 7812), issuers, dates."""

from __future__ import annotations

from datetime import date
from typing import Final

_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_REGIONS: Final = ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 83))
_PROVINCES: Final = frozenset(str(code) for first, last in _REGIONS for code in range(first, last + 1))
_DOUBLED: Final = bytes.maketrans(b"0123456789", b"0246813579")


def luhn(digits: str) -> bool:
    """Whether the last digit is the Luhn check digit of the others."""
    plain, doubled = digits[-1::-2].encode(), digits[-2::-2].encode().translate(_DOUBLED)
    return (sum(plain) + sum(doubled) - 48 * len(digits)) % 10 == 0


def check_character(first17: str) -> str:
    """Return the check character of a resident number's first 17 digits: 0-9 or X."""
    return "10X98765432"[sum(int(digit) * weight for digit, weight in zip(first17, _WEIGHTS, strict=True)) % 11]


def _is_date(year: str, month: str, day: str) -> bool:
    try:
        return 1850 <= date(int(year), int(month), int(day)).year <= 2099
    except ValueError:
        return False


def looks_resident(number: str) -> bool:
    """Whether 18 characters are laid out as a resident number: province, birth date; the check digit aside."""
    return number[:2] in _PROVINCES and _is_date(number[6:10], number[10:12], number[12:14])


def is_resident(number: str) -> bool:
    """Whether this is a resident number: 18 characters with the right check digit, or the old form of 15 digits."""
    if len(number) == 18:
        return looks_resident(number) and check_character(number[:17]) == number[17]
    return len(number) == 15 and number[:2] in _PROVINCES and _is_date("19" + number[6:8], number[8:10], number[10:12])


def is_card(number: str) -> bool:
    """Whether this is a bank card: 15 to 19 digits, a prefix of an issuer seen in China, and Luhn."""
    return 15 <= len(number) <= 19 and _is_issuer(number) and luhn(number)


def _is_issuer(number: str) -> bool:
    """Whether a card of this length may begin so: UnionPay and its members, Visa, Mastercard, JCB, American Express."""
    length, four = len(number), int(number[:4])
    if length == 15:
        return number[:2] in ("34", "37")
    if number[:2] in ("62", "81", "60", "68", "69"):
        return True
    if length == 16:
        return number[0] == "4" or 51 <= four // 100 <= 55 or 2221 <= four <= 2720 or 3528 <= four <= 3589
    return number[:3] in ("955", "900", "456", "458", "103") or (length == 19 and number[0] == "4")


def is_imei(number: str) -> bool:
    """Whether this is a device's IMEI: 15 digits, the prefix of a body that hands them out, and Luhn."""
    return len(number) == 15 and number[:2] in ("01", "35", "86", "99") and luhn(number)


def is_mobile(number: str) -> bool:
    """Whether this is a mainland mobile number of 11 digits."""
    return len(number) == 11 and number[0] == "1" and number[1] in "3456789"
