"""A mail server with an inbox that can be read in a browser."""

from sandbox.mail.server import MailServer

__all__ = ["MailServer"]
