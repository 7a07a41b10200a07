"""The tokens in the links of invitations: made here, and stored nowhere but as their hashes.

Whoever opens the link sends the bot the token in a message, which is recorded before it is
handled. `hash_tokens` replaces it before that.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from typing import Any

INVITATION_PREFIX = "invite-"
"""Prefix of a token, and of the hash that replaces it in an update."""
_TOKEN_BYTES = 24
_TOKEN = re.compile(rf"{INVITATION_PREFIX}[\w-]{{32,}}", re.ASCII)
"""A token, or anything longer: a hash that is sent instead of a token is hashed like one."""


def make_token() -> str:
    """Return a new token."""
    return INVITATION_PREFIX + secrets.token_urlsafe(_TOKEN_BYTES)


def hash_token(token: str) -> str:
    """Return the hash by which an invitation is stored."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def hash_tokens(raw_update: dict[str, Any]) -> dict[str, Any]:
    """Return an update (decoded JSON) with each token in it replaced by its hash."""
    content = json.dumps(raw_update)
    hashed = _TOKEN.sub(lambda match: INVITATION_PREFIX + hash_token(match[0]), content)
    return raw_update if hashed == content else json.loads(hashed)
