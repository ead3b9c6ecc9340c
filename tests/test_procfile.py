"""Every line of the Procfile and every name of a job leads somewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from honcho.environ import parse_procfile
from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer
from rq.utils import import_attribute

from bot import jobs
from bot.__main__ import main
from bot.processes import NEEDS, PROCESSES
from sandbox.redis import RedisServer
from sandbox.stage import free_port

PROCFILE = parse_procfile((Path(__file__).parents[1] / "Procfile").read_text()).processes


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    server = RedisServer(tmp_path, free_port())
    server.start()
    yield Redis.from_url(server.url)
    server.stop()


def test_the_procfile_has_every_process_and_no_other() -> None:
    assert PROCFILE.keys() == PROCESSES.keys() == NEEDS.keys()


@pytest.mark.parametrize("name", PROCFILE)
def test_every_line_starts_its_process(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    command, _, arguments = PROCFILE[name].partition("python -m bot ")
    assert command in ("", "nice -n 5 ")

    with pytest.raises(SystemExit) as ended:
        main([*arguments.split(), "--help"])

    assert ended.value.code == 0
    assert arguments == name
    assert f"python -m bot {name}" in capsys.readouterr().out


@pytest.mark.parametrize("queue", jobs.QUEUES)
def test_every_job_names_a_function_and_carries_an_id_and_nothing_else(redis: Redis, queue: str) -> None:
    jobs.Jobs(redis).wake("k7f3", queue)

    (job,) = Queue(f"shipmate-{queue}", connection=redis, serializer=JSONSerializer).jobs

    assert import_attribute(job.func_name) is jobs.advance
    assert (job.args, job.kwargs) == (["k7f3"], {})
    json.loads(JSONSerializer.dumps(job.args))


def test_a_job_that_was_pickled_by_somebody_else_is_not_loaded(redis: Redis) -> None:
    """Whoever can write to Redis must not be able to run code."""
    Queue("shipmate-changes", connection=redis).enqueue("os.system", "true")

    (job,) = Queue("shipmate-changes", connection=redis, serializer=JSONSerializer).jobs

    with pytest.raises(Exception, match="deserialize|utf-8|codec"):
        _ = job.args
