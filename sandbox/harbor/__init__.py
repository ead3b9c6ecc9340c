"""A Harbor to develop and test against: API v2.0, over the images that the sandbox's Jenkins pushed."""

from sandbox.harbor.server import ROBOT, HarborServer

__all__ = ["ROBOT", "HarborServer"]
