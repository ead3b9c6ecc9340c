"""RQ: spreads the work over machines. A job carries an operation id and nothing else, as JSON."""

from __future__ import annotations

import logging
import secrets
import socket
import time
from typing import TYPE_CHECKING, Any

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker
from rq.exceptions import StopRequested
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.timeouts import JobTimeoutException

if TYPE_CHECKING:
    from bot.engine import Engine

QUEUES = ("urgent", "changes", "queries")
"""In the order in which workers empty them. Rollbacks are urgent."""
AWAY_SECONDS = 1.0
"""Between two tries to reach a Redis that is away."""
DEAF_SECONDS = 30
"""RQ waits for a job on one connection, by its default for seven minutes: should that go dead without a word,
the worker hears nothing until then. This makes it ask again in half of this."""
JOB_SECONDS = 120
"""Far above what a job needs: an operation that waits is suspended, not running."""

log = logging.getLogger(__name__)
_engine: Engine | None = None


def advance(operation_id: str) -> None:
    """The one job function."""
    assert _engine is not None, "a worker binds its engine before it takes work"
    _engine.advance(operation_id)


class Jobs:
    """Hands operations to the workers. `redis` must not decode responses: RQ reads bytes."""

    def __init__(self, redis: Redis) -> None:
        self._queues = {
            name: Queue(f"shipmate-{name}", connection=redis, serializer=JSONSerializer) for name in QUEUES
        }

    def wake(self, operation_id: str, queue: str = "changes") -> None:
        self._queues[queue].enqueue(
            advance,
            operation_id,
            job_id=f"{operation_id}-{secrets.token_hex(6)}",
            job_timeout=JOB_SECONDS,
            result_ttl=0,
            failure_ttl=3600,
        )

    def queued(self) -> set[str]:
        """Ids of the operations that stand in a queue: a worker will come to them."""
        ids = (job_id for queue in self._queues.values() for job_id in queue.get_job_ids())
        return {job_id.rpartition("-")[0] for job_id in ids}

    def lengths(self) -> dict[str, int]:
        return {name: len(queue) for name, queue in self._queues.items()}


def work(engine: Engine, redis: Redis) -> None:
    """Take jobs until SIGTERM or SIGINT; the job under way is finished first.

    Jobs run in this process, without a fork: they are short, and a killed worker loses nothing that its
    lease does not give to another (docs/decisions/0002-workers-do-not-fork.md).
    """
    global _engine
    _engine = engine
    queues = [Queue(f"shipmate-{name}", connection=redis, serializer=JSONSerializer) for name in QUEUES]
    try:
        while not _work_until_redis_goes(queues, redis):
            time.sleep(AWAY_SECONDS)
    except StopRequested:  # asked to stop in that pause
        return


def _work_until_redis_goes(queues: list[Queue], redis: Redis) -> bool:
    """RQ's workers end when Redis goes away in the middle of a job. True: it was asked to stop."""
    try:
        worker = Worker(queues, connection=redis, serializer=JSONSerializer, worker_ttl=DEAF_SECONDS)
    except RedisError:
        return False
    try:
        worker.work(with_scheduler=False, logging_level="WARNING")
    except RedisError as trouble:
        log.warning("redis does not answer: %s", type(trouble).__name__)
    if worker.listener is not None:
        worker.listener.stop()
    return worker.asked_to_stop


class Worker(SimpleWorker):
    max_connection_wait_time = 4.0

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.log_job_description = False
        self.asked_to_stop = False
        self._at_work = False
        log.info("worker %s on %s", self.name, socket.gethostname())

    def execute_job(self, job: Job, queue: Queue) -> None:  # noqa: ARG002  # RQ's signature
        """Just run it: what RQ records of executions, our leases and `due` know better, and in less time."""
        self._at_work = True
        try:
            with self.death_penalty_class(JOB_SECONDS, JobTimeoutException, job_id=job.id):
                advance(*job.args)
        except RedisError as trouble:
            log.warning("operation=%s is looked at again later: %s", job.args, type(trouble).__name__)
        except JobTimeoutException:
            log.error("operation=%s took over %s s in one go", job.args, JOB_SECONDS)
        finally:
            self._at_work = False
        self.connection.delete(job.key)

    @property
    def listener(self) -> Any:
        """RQ's thread for commands to this worker; it goes on when the worker ends in trouble."""
        return self.pubsub_thread

    def handle_warm_shutdown_request(self) -> None:
        self.asked_to_stop = True

    def _shutdown(self) -> None:
        """The job under way is finished first. RQ asks its own record of that, which we do not keep."""
        if not self._at_work:
            raise StopRequested
        self._stop_requested = True
