"""locks: what is held, of everything or of one place."""

from __future__ import annotations

from sandbox.chat import Chat


def test_the_locks_of_a_place_are_shown_alone(chat: Chat) -> None:
    chat.says("lock web in trunk because regression", by="qa")
    chat.says("lock api in hidden because twin", by="qa")

    assert "regression" in chat.says("who locked trunk?", by="engineer").shown
    of_trunk = chat.says("谁锁了trunk", by="engineer").shown
    of_api = chat.says("locks api", by="engineer").shown

    assert "web/trunk" in of_trunk
    assert "api/hidden" not in of_trunk
    assert "api/hidden" in of_api
    assert "web/trunk" not in of_api
    assert "Nothing is locked or frozen" in chat.says("locks in dev", by="engineer").shown


def test_a_freeze_of_an_environment_concerns_every_project_in_it(chat: Chat) -> None:
    chat.says("freeze product for 1h because sale", by="ops")

    assert "product is frozen" in chat.says("locks web", by="engineer").shown
    assert "product is frozen" in chat.says("locks web in product", by="engineer").shown
    assert "Nothing is locked" in chat.says("locks web in trunk", by="engineer").shown
