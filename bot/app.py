"""The composition root: the one place that knows which integration stands behind which port.

Everything is made at its first use, so that each process imports only the clients it needs: the bot never
loads Kubernetes, the watcher never loads Bolt.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.retry import Retry

from bot import adapters, language
from bot.actors import Actors
from bot.backends import Backends
from bot.catalogue import Catalogue
from bot.command import discover
from bot.dispatcher import Dispatcher, Request
from bot.engine import Engine
from bot.environment import Environment
from bot.files import Files
from bot.foreground import Foreground
from bot.forms import Forms
from bot.here import Here
from bot.homes import Homes, home_of
from bot.hooks import Hooks
from bot.jobs import Jobs
from bot.ledger import Ledger
from bot.lockkeeper import LockKeeper
from bot.locks import Locks
from bot.logbook import Logbook
from bot.mailroom import Mailroom
from bot.news import News
from bot.offers import Offers
from bot.operation import Origin
from bot.outbox import Outbox
from bot.policy import Policy
from bot.ports import Directory, HookSource, Person
from bot.postman import Postman
from bot.preferences import Preferences
from bot.redact import Redactor, use
from bot.reply import Reply
from bot.settings import Settings, load, secrets_of
from bot.trials import Trials
from bot.watcher import Watcher

if TYPE_CHECKING:
    from slack_bolt import App as BoltApp

    from integrations.slack import SlackChat


class App:
    """Raises bot.settings.BadSettings at its first use when the file is wrong."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment

    @cached_property
    def settings(self) -> Settings:
        commands = discover("commands")
        rights = [right for command in commands for right in (command.verb, *command.rights)]
        settings = load(self.environment.config, self.environment.variables, rights)
        language.use(settings.slack.language)
        use(self._redactor(settings))  # from now on nothing that was just read can be said or logged
        return settings

    def _redactor(self, settings: Settings) -> Redactor:
        own = {*self.environment.secrets(), *secrets_of(settings)}
        numbers = settings.redact.numbers()
        return Redactor(own, ("secrets", *numbers), settings.redact.patterns)

    @cached_property
    def redis(self) -> Redis:
        """Answers are text. One quick retry, then the person is told: an ack has 3 s."""
        return self._redis(decode_responses=True, socket_timeout=5)

    @cached_property
    def queue_redis(self) -> Redis:
        """For RQ, which reads bytes and blocks for as long as it likes."""
        return self._redis()

    def _redis(self, **options: Any) -> Redis:
        once = Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,))
        return Redis.from_url(self.environment.redis_url, socket_connect_timeout=2, retry=once, **options)

    @cached_property
    def ledger(self) -> Ledger:
        return Ledger(self.redis, self.jobs.wake, mails=self.settings.mail is not None)

    @cached_property
    def jobs(self) -> Jobs:
        return Jobs(self.queue_redis)

    @cached_property
    def catalogue(self) -> Catalogue:
        return Catalogue(self.settings)

    @cached_property
    def policy(self) -> Policy:
        settings = self.settings
        verbs = tuple(command.verb for command in self.catalogue.commands)
        return Policy(settings.roles, settings.targets(), settings.slack.teams, verbs)

    @cached_property
    def directory(self) -> Directory:
        from integrations.slack_directory import SlackDirectory

        groups = frozenset(group for role in self.settings.roles.values() for group in role.members.groups)
        environment = self.environment
        people = SlackDirectory(
            self.redis, environment.slack_bot_token, groups, environment.slack_api_url, self._vouched()
        )
        return Actors(people, self.settings.hooks, self.settings.slack.teams[0], self.preferences.language)

    def _vouched(self) -> dict[str, Person]:
        """Whom the configuration knows by itself, so that they can act while Slack knows nobody."""
        accounts = self.settings.console.accounts if self.settings.console else ()
        team = self.settings.slack.teams[0]
        return {own.user: Person(own.user, own.email, own.email, team) for own in accounts}

    @cached_property
    def chat(self) -> SlackChat:
        from integrations.slack import SlackChat

        return SlackChat(self.environment.slack_bot_token, self.environment.slack_api_url)

    @cached_property
    def backends(self) -> Backends:
        return Backends(
            self.settings,
            self.policy,
            self.ledger,
            self.catalogue,
            self.jobs,
            self.directory,
            self.files,
            self.locks,
            self.lockkeeper,
            Trials(self.redis),
            Offers(self.redis, self.ledger, self.outbox, self.settings),
            adapters.makers(self.settings),
            Here(self.redis, self.settings),
            self.preferences,
            self.outbox,
            self.homes,
        )

    @cached_property
    def locks(self) -> Locks:
        freezes = {name: environment.freezes for name, environment in self.settings.environments.items()}
        return Locks(self.ledger, freezes, self.homes.locked)

    @cached_property
    def logbook(self) -> Logbook:
        return Logbook(self.redis)

    @cached_property
    def lockkeeper(self) -> LockKeeper:
        remind = self.settings.locks.remind_minutes * 60
        return LockKeeper(self.locks, self.ledger, self.jobs, self.outbox, self.directory, remind)

    @cached_property
    def preferences(self) -> Preferences:
        return Preferences(self.redis)

    @cached_property
    def homes(self) -> Homes:
        return Homes(self.redis, self.policy, self.directory)

    @cached_property
    def outbox(self) -> Outbox:
        return Outbox(self.redis)

    @cached_property
    def dispatcher(self) -> Dispatcher:
        return Dispatcher(
            self.catalogue,
            self.policy,
            self.directory,
            self.ledger,
            self.jobs,
            self.outbox,
            self.backends,
            self._say,
            self.foreground,
        )

    @cached_property
    def hooks(self) -> Hooks:
        return Hooks(self.redis, self._hook, self.dispatcher, self.backends)

    def _hook(self, name: str) -> HookSource:
        from integrations.hooks_github import GiteaHook, GitHubHook
        from integrations.hooks_gitlab import GitLabHook
        from integrations.hooks_shipmate import ShipmateHook

        own = self.settings.hooks[name]
        kinds: dict[str, Callable[[str], HookSource]] = {
            "shipmate": ShipmateHook,
            "github": GitHubHook,
            "gitlab": GitLabHook,
            "gitea": GiteaHook,
        }
        return kinds[own.kind](own.secret.get_secret_value())

    def _say(self, origin: Origin, reply: Reply, user: str) -> None:
        self.chat.post(origin, reply, user, origin.key)

    @cached_property
    def engine(self) -> Engine:
        return Engine(self.ledger, self.catalogue, self.policy, self.directory, self.backends)

    @cached_property
    def files(self) -> Files:
        return Files(self.redis)

    @cached_property
    def foreground(self) -> Foreground:
        return Foreground()

    @cached_property
    def postman(self) -> Postman:
        news = News(self.preferences, self.directory, self.policy, self.outbox)
        return Postman(
            self.redis, self.ledger, self.chat, self.files, self.foreground, news, self.homes, self.draw_home
        )

    def draw_home(self, user: str) -> None:
        """Ask for what a Home tab shows; the answer is shown there."""
        origin = Origin(home_of(user), source="home", key=f"home:{secrets.token_hex(12)}")
        self.dispatcher.handle(Request(self.homes.text(user), user, "", origin))

    @cached_property
    def mailroom(self) -> Mailroom | None:
        """None: no mail is configured."""
        own = self.settings.mail
        if own is None:
            return None
        from integrations.mail import SmtpMail

        login = (own.user, own.password.get_secret_value()) if own.user and own.password else None
        ca = str(own.ca) if own.ca else None
        mail = SmtpMail(*own.address, own.security, login, ca, own.timeout_seconds)
        return Mailroom(self.redis, self.ledger, self.settings, mail)

    @cached_property
    def watcher(self) -> Watcher:
        return Watcher(self.redis, self.ledger, self.jobs, self.backends)

    @cached_property
    def bolt(self) -> BoltApp:
        from integrations.slack import build_app
        from integrations.slack_forms import SlackForms
        from integrations.slack_home import SlackHome

        environment = self.environment
        return build_app(
            self.dispatcher,
            SlackForms(Forms(self.backends), self.dispatcher, self.chat.views),
            SlackHome(self.homes, self.dispatcher),
            environment.slack_bot_token,
            environment.slack_signing_secret,
            environment.slack_api_url,
        )
