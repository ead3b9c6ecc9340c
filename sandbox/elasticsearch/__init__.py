"""An Elasticsearch that the unchanged `elasticsearch` client takes for one; documents live in memory."""

from sandbox.elasticsearch.logs import LogLine
from sandbox.elasticsearch.search import Trouble
from sandbox.elasticsearch.security import Credentials
from sandbox.elasticsearch.server import ElasticsearchServer

__all__ = ["Credentials", "ElasticsearchServer", "LogLine", "Trouble"]
