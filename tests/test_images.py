"""Names of images, taken apart."""

from __future__ import annotations

import pytest

from bot.images import ImageName

DIGEST = "sha256:" + "a" * 64


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("harbor.shop.example/web/web:1.0", ImageName("harbor.shop.example", "web/web", "1.0")),
        ("localhost:5000/web", ImageName("localhost:5000", "web")),
        ("localhost/web:1", ImageName("localhost", "web", "1")),
        ("nginx:1.27", ImageName("docker.io", "nginx", "1.27")),
        ("team/api", ImageName("docker.io", "team/api")),
        (f"harbor.example:8443/a/b/c:9@{DIGEST}", ImageName("harbor.example:8443", "a/b/c", "9", DIGEST)),
    ],
)
def test_a_name_taken_apart(text: str, name: ImageName) -> None:
    assert ImageName.parse(text) == name


def test_a_digest_decides_over_a_tag_and_no_tag_is_latest() -> None:
    assert ImageName.parse(f"a.example/b:1@{DIGEST}").reference == DIGEST
    assert ImageName.parse("a.example/b:1").reference == "1"
    assert ImageName.parse("a.example/b").reference == "latest"
