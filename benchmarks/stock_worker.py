"""A worker as RQ brings it, in place of `python -m bot worker`: `python -m benchmarks.stock_worker Worker`.

`Worker` forks for every job, `SimpleWorker` does not: `benchmarks.queueing` compares both with ours.
"""

from __future__ import annotations

import os
import sys

from rq import Queue, SimpleWorker, Worker
from rq.serializers import JSONSerializer

from bot import jobs
from bot.app import App
from bot.environment import Environment

KINDS: dict[str, type[Worker] | type[SimpleWorker]] = {"Worker": Worker, "SimpleWorker": SimpleWorker}


def main(kind: str) -> None:
    """What a job needs is imported and made before the first fork; only connections cannot be shared."""
    app = App(Environment.read(os.environ))
    jobs._engine = app.engine
    for name in app.settings.jenkins:
        app.backends.builder(name)
    for name in app.settings.clusters:
        app.backends.cluster(name)
    redis = app.queue_redis
    queues = [Queue(f"shipmate-{name}", connection=redis, serializer=JSONSerializer) for name in jobs.QUEUES]
    worker = KINDS[kind](queues, connection=redis, serializer=JSONSerializer)
    worker.log_job_description = False
    worker.work(logging_level="WARNING")


if __name__ == "__main__":
    main(sys.argv[1])
