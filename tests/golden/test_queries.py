"""What is answered to questions."""

from __future__ import annotations

from tests.golden.telling import Telling, scene


@scene
def test_help(tell: Telling) -> None:
    """For each role what it may, and one command."""
    tell.says("help", by="engineer")
    tell.says("help", by="oncall")
    tell.says("help deploy", by="engineer")
    tell.says("help logs", by="engineer")
    tell.says("help deplyo", by="engineer")
    tell.says("whoami", by="engineer")
    tell.says("whoami", by="ops")


@scene
def test_status(tell: Telling) -> None:
    """Everything, a project, an environment, a target."""
    tell.says("status", by="qa")
    tell.says("status web", by="qa")
    tell.says("status in trunk", by="qa")
    tell.says("status web in product", by="qa")


@scene
def test_board(tell: Telling) -> None:
    """What is where."""
    tell.says("board", by="qa")
    tell.says("board web", by="qa")
    tell.says("board trunk", by="qa")


@scene
def test_history(tell: Telling) -> None:
    """What was done to a target."""
    tell.says("history web in product", by="qa")
    tell.says("scale web in product to 4", by="ops")
    tell.says("deploy web to product at r666", by="ops")
    tell.says("history web in product", by="qa")


@scene
def test_images(tell: Telling) -> None:
    """Of a project, with and without new ones."""
    tell.says("images web", by="qa")
    tell.says("build web trunk", by="qa")
    tell.says("images web limit 1", by="qa")


@scene
def test_changes(tell: Telling) -> None:
    """Between what runs and what would run."""
    tell.says("changes web in trunk", by="qa")
    tell.says("build web trunk at r1839", by="qa")
    tell.says("build web trunk", by="qa")
    tell.says("changes web in trunk", by="qa")
    tell.says("changes web from hidden to product", by="qa")


@scene
def test_here(tell: Telling) -> None:
    """A channel stands for a target."""
    tell.says("here", by="ops", channel="#web")
    tell.says("here is web/trunk", by="engineer", channel="#web")
    tell.says("deploy", by="engineer", channel="#web")
    tell.says("here is web/product", by="ops", channel="#web")
    tell.says("here --nothing", by="engineer", channel="#web")
    tell.says("here is nonesuch", by="ops", channel="#web")


@scene
def test_mail(tell: Telling) -> None:
    """Whether one gets mails."""
    tell.says("mail", by="engineer")
    tell.says("mail on", by="engineer")
    tell.says("mail off", by="engineer")
    tell.says("mail perhaps", by="engineer")


@scene
def test_scheduled(tell: Telling) -> None:
    """What is to start later."""
    tell.says("scheduled", by="ops")
    said = tell.says("deploy web to product at r1798 at tomorrow 06:30", by="ops")
    tell.says("scheduled", by="ops")
    tell.taps(said, "Cancel", by="ops")
    tell.says("deploy web to product at noonish o.clock", by="ops")
