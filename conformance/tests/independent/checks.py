"""Values that a careful service may refuse, although no document says so."""

import unicodedata

from errors import Refusal
from tokens import UNIT_SECONDS
from urls import split

MAX_NAME_CHARS, MAX_TEXT_CHARS, MAX_ITEMS, MAX_ITEM_CHARS = 100, 1000, 50, 200
# Descope's Terraform provider has these limits for key sessions of inbound apps (fact/session-units).
KEY_SESSION_SECONDS = range(3 * 60, 31 * 86_400 + 1)
LIFETIMES = ("refreshToken", "sessionToken", "keySessionToken")


def check(record, choices):
    """Refuses values that this service does not take, with a message that says why."""
    if not choices.strict_values:
        return

    def refuse(message):
        raise Refusal.invalid(choices, message)

    name = record["name"] or ""
    if len(name) > MAX_NAME_CHARS or any(unicodedata.category(char)[0] == "C" for char in name):
        refuse(f"name has at most {MAX_NAME_CHARS} characters, and none that cannot be seen")
    if len(record.get("description") or "") > MAX_TEXT_CHARS:
        refuse(f"description has at most {MAX_TEXT_CHARS} characters")
    for member, value in record.items():
        if isinstance(value, list) and (len(value) > MAX_ITEMS or any(len(item) > MAX_ITEM_CHARS for item in value)):
            refuse(f"{member} has at most {MAX_ITEMS} items of at most {MAX_ITEM_CHARS} characters")
    urls = (record["approvedCallbackUrls"] or []) + (record.get("audienceWhitelist") or [])
    for url in [*urls, *filter(None, [record.get("loginPageURL")])]:
        if split(url).scheme not in ("http", "https") or not split(url).netloc:
            refuse("a URL begins with https:// or http://")
    settings = record.get("sessionSettings")
    if settings and settings.get("enabled"):
        for lifetime in LIFETIMES:
            number, unit = settings[f"{lifetime}Expiration"] or 0, settings[f"{lifetime}ExpirationUnit"] or ""
            if number < 1 or unit not in UNIT_SECONDS:
                refuse(f"sessionSettings needs {lifetime}Expiration and its unit")
            if lifetime == "keySessionToken" and number * UNIT_SECONDS[unit] not in KEY_SESSION_SECONDS:
                refuse("keySessionTokenExpiration is from 3 minutes to a month")
