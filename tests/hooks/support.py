"""Requests to hooks, as each sender makes them; payloads shaped after the documented examples of each."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Mapping
from typing import Any

from sandbox.chat import Chat, Said, eventually
from sandbox.stage import Stage

SECRETS = {"own": "own-secret", "hub": "hub-secret", "lab": "lab-token", "tea": "tea-secret"}
SHA = "8d3c1f0a5b7e92d4c6a8b0e1f3d5c7a9b2e4f608"


def digest(secret: str, signed: bytes) -> str:
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def own(
    told: Mapping[str, Any], secret: str = SECRETS["own"], at: float | None = None, number: str = ""
) -> tuple[bytes, dict[str, str]]:
    body, number = json.dumps(told).encode(), number or str(uuid.uuid4())
    sent = str(int(time.time() if at is None else at))
    return body, {
        "X-Shipmate-Timestamp": sent,
        "X-Shipmate-Delivery": number,
        "X-Shipmate-Signature": "sha256=" + digest(secret, f"{sent}.{number}.".encode() + body),
    }


def svn(
    revision: str = "r1841", path: str = "trunk/src", repository: str = "web", **told: Any
) -> dict[str, Any]:
    return {
        "repository": repository,
        "revision": revision,
        "author": "mei.lin",
        "message": "Fix login (SHOP-77)",
        "paths": [path],
        **told,
    }


def github(branch: str = "trunk", sha: str = SHA, **told: Any) -> dict[str, Any]:
    """https://docs.github.com/en/webhooks/webhook-events-and-payloads#push"""
    author = {"name": "Tomas Novak", "email": "tomas@shop.example", "username": "tnovak"}
    head = {
        "id": sha,
        "tree_id": "f9d2a07e9488b91af2641b26b9407fe22a451433",
        "distinct": True,
        "message": "Cache the price list\n\nFor a minute.",
        "timestamp": "2026-03-02T10:11:12+01:00",
        "url": f"https://github.com/shop/api/commit/{sha}",
        "author": author,
        "committer": author,
        "added": [],
        "removed": [],
        "modified": ["src/prices.py"],
    }
    return {
        "ref": f"refs/heads/{branch}",
        "before": "1" * 40,
        "after": sha,
        "repository": {"id": 4711, "name": "api", "full_name": "shop/api", "private": True},
        "pusher": {"name": "tnovak", "email": "tomas@shop.example"},
        "sender": {"login": "tnovak", "id": 21},
        "created": False,
        "deleted": False,
        "forced": False,
        "base_ref": None,
        "compare": "https://github.com/shop/api/compare/111...8d3",
        "commits": [head],
        "head_commit": head,
        **told,
    }


def gitlab(branch: str = "trunk", sha: str = SHA, **told: Any) -> dict[str, Any]:
    """https://docs.gitlab.com/user/project/integrations/webhook_events/#push-events"""
    author = {"name": "Aisha Bello", "email": "aisha@shop.example"}
    older = {
        "id": "2" * 40,
        "message": "older",
        "title": "older",
        "author": author,
        "added": [],
        "modified": [],
    }
    return {
        "object_kind": "push",
        "event_name": "push",
        "before": "1" * 40,
        "after": sha,
        "ref": f"refs/heads/{branch}",
        "ref_protected": True,
        "checkout_sha": sha,
        "user_id": 4,
        "user_name": "Aisha Bello",
        "user_username": "abello",
        "project_id": 15,
        "project": {"id": 15, "name": "Api", "path_with_namespace": "shop/api", "default_branch": "trunk"},
        "commits": [
            older,
            {**older, "id": sha, "message": "Validate postcodes", "title": "Validate postcodes"},
        ],
        "total_commits_count": 2,
        **told,
    }


def gitea(branch: str = "trunk", sha: str = SHA, **told: Any) -> dict[str, Any]:
    """https://docs.gitea.com/usage/webhooks"""
    author = {"name": "Priya Nair", "email": "priya@shop.example", "username": "pnair"}
    head = {"id": sha, "message": "Log the order id\n", "author": author, "timestamp": "2026-03-02T10:11:12Z"}
    return {
        "ref": f"refs/heads/{branch}",
        "before": "1" * 40,
        "after": sha,
        "compare_url": "https://git.shop.example/shop/api/compare/111...8d3",
        "commits": [head],
        "head_commit": head,
        "repository": {"id": 140, "name": "api", "full_name": "shop/api", "private": False},
        "pusher": {"id": 1, "login": "pnair", "username": "pnair"},
        "sender": {"id": 1, "login": "pnair", "username": "pnair"},
        **told,
    }


def forge(kind: str, told: Mapping[str, Any], event: str = "push") -> tuple[bytes, dict[str, str]]:
    """Body and headers of a webhook of `hub`, `lab` or `tea`."""
    body = json.dumps(told).encode()
    signature = digest(SECRETS[kind], body)
    headers = {
        "hub": {
            "X-GitHub-Event": event,
            "X-GitHub-Delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
            "X-Hub-Signature-256": f"sha256={signature}",
        },
        "lab": {"X-Gitlab-Event": "Push Hook", "X-Gitlab-Token": SECRETS["lab"]},
        "tea": {"X-Gitea-Event": event, "X-Gitea-Delivery": "f6266f16", "X-Gitea-Signature": signature},
    }[kind]
    return body, {"Content-Type": "application/json", **headers}


def post(base: str, hook: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, str]:
    request = urllib.request.Request(f"{base}/hooks/{hook}", body, dict(headers))  # noqa: S310  # loopback
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return answer.status, answer.read().decode().strip()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode().strip()


def answers(stage: Stage) -> bool:
    try:
        return post(base(stage), "nobody", b"", {})[0] == 404
    except OSError:
        return False


def base(stage: Stage) -> str:
    return f"http://127.0.0.1:{stage.variables['PORT']}"


def said(chat: Chat, words: str) -> Said:
    """The message that has these words."""
    return eventually(lambda: next((s for s in chat.said() if words in s.text), None), words)  # type: ignore[return-value]
