"""What brings logs into Elasticsearch: filebeat, Kafka and Logstash as a small model, with its two servers."""

from sandbox.pipeline.logstash import LogstashServer
from sandbox.pipeline.model import HOPS, Pipeline
from sandbox.pipeline.prometheus import PrometheusServer

__all__ = ["HOPS", "LogstashServer", "Pipeline", "PrometheusServer"]
