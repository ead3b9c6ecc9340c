"""Operation -> what people see of it. Pure: the message is the state."""

from __future__ import annotations

import time

from bot.estimate import time_left
from bot.going_back import back_button
from bot.language import N_, _, counted
from bot.ledger import Place
from bot.lifecycle import State
from bot.mrkdwn import inert, marked
from bot.operation import NOBODY, STARTS, UNLOCKED, Operation, Outcome, Step, Waiting
from bot.push import push
from bot.redact import redact, redact_lines
from bot.redact.replies import hidden_in
from bot.reply import Block, Button, Buttons, Code, Context, Reply, Text
from bot.spoken import in_words
from bot.words import at_moment, at_time, duration, headline

MARKS = {
    State.SCHEDULED: ":alarm_clock:",
    State.AWAITING_APPROVAL: ":raised_hand:",
    **dict.fromkeys((State.QUEUED, State.RUNNING, State.ABORTING), ":hourglass_flowing_sand:"),
    State.ASKING: ":grey_question:",
    State.STUCK: ":warning:",
    State.SUCCEEDED: ":white_check_mark:",
    State.FAILED: ":x:",
    **dict.fromkeys((State.CANCELLED, State.DENIED, State.EXPIRED, State.REFUSED), ":no_entry_sign:"),
}
WORDS = {
    State.SCHEDULED: N_("scheduled"),
    State.AWAITING_APPROVAL: N_("waits for approval"),
    State.QUEUED: N_("starting"),
    State.RUNNING: N_("running"),
    State.ABORTING: N_("stopping"),
    State.ASKING: N_("asks you"),
    State.STUCK: N_("needs a person"),
    State.SUCCEEDED: N_("done"),
    State.FAILED: N_("FAILED"),
    State.CANCELLED: N_("cancelled"),
    State.DENIED: N_("denied"),
    State.EXPIRED: N_("expired"),
    State.REFUSED: N_("refused"),
}


def showing(operation: Operation, place: Place | None = None, usual: float | None = None) -> Reply:
    """The one message of an operation, as it stands now; for a query, its answer.

    From top to bottom: state and what was asked; what is done, what is under way and how long it may take;
    how it ended; what makes sense now, as buttons; the evidence; who asked, and when.

    `place`: where it stands in line, while it waits for its target. `usual`: seconds that the same took here
    before; None: nobody knows.
    """
    if operation.kind == "query":
        return _answer(operation)
    blocks: list[Block] = [
        Text(_headline(operation, place)),
        *_progress(operation, time_left(operation, usual, time.time())),
        *(_in_line(operation, place) if place else _now(operation)),
        *_evidence(operation.waiting),
        *_ending(operation),
    ]
    blocks.append(Context(_small_print(operation) + _hidden(blocks)))
    return Reply(push(operation), tuple(blocks))


def closing(operation: Operation) -> Reply | None:
    """The new reply in the thread that tells people it ended; None while it runs."""
    if not operation.final or operation.kind == "query" or operation.outcome is None:
        return None
    summary = f"{MARKS[operation.state]} {_safe(operation.outcome.summary)}"
    return Reply(push(operation), (Text(f"{summary}\n<@{operation.actor.id}>"),))


UNNOTICED_SECONDS = 20.0
"""Whoever asked looks at the message for so long; what comes later is told in a message of its own."""


def calling(operation: Operation) -> tuple[str, Reply] | None:
    """A new reply in the thread for what a person must decide, as an update notifies nobody, and its name.

    None while there is nothing, or it is told in the first moments of the operation.
    """
    stuck = operation.stuck
    if stuck is None or stuck.since - operation.opened < UNNOTICED_SECONDS:
        return None
    blocks = (*_now(operation), Text(f"<@{operation.actor.id}>"))
    return f"ask:{stuck.since:.0f}", Reply(push(operation), blocks)


def _answer(operation: Operation) -> Reply:
    outcome = operation.outcome
    if outcome is not None and outcome.reply is not None:
        return Reply.from_dict(outcome.reply)
    words = outcome.summary if outcome else _("No answer yet.")
    said = Text(f"{MARKS[operation.state]} {_safe(words)}{_reference(operation)}")
    offered = _offered(operation)
    return Reply(_safe(words), (said, Buttons(offered)) if offered else (said,), private=True)


def _headline(operation: Operation, place: Place | None) -> str:
    words = _("in line") if place else _(WORDS[operation.state])
    return f"{MARKS[operation.state]} *{inert(in_words(headline(operation.text)))}* · {words}"


def _in_line(operation: Operation, place: Place) -> list[Block]:
    holder = place.holder
    who = {"id": holder.id, "command": inert(in_words(holder.text)), "person": f"<@{holder.actor.id}>"}
    if holder.stuck is not None:
        behind = _("`{id}` ({command} by {person}, which waits for a person's answer)", **who)
    elif place.seconds_left is not None:
        left = duration(place.seconds_left)
        behind = _("`{id}` ({command} by {person}, about {left} left)", **who, left=left)
    else:
        behind = _("`{id}` ({command} by {person})", **who)
    if place.position == 1:
        words = _("Next in line behind {operation}", operation=behind)
    else:
        words = _("Number {n} in line behind {operation}", n=place.position, operation=behind)
    return [Text(words), Buttons((Button(_("Leave the line"), f"cancel {operation.id}"),))]


def _now(operation: Operation) -> list[Block]:
    """What people can do while it is not over."""
    match operation.state:
        case State.AWAITING_APPROVAL:
            return _asks_approval(operation)
        case State.QUEUED | State.RUNNING:
            return [Buttons((Button(_("Stop"), f"cancel {operation.id}", confirm=_stop(operation)),))]
        case State.SCHEDULED:
            return [Text(starts(operation)), Buttons((Button(_("Cancel"), f"cancel {operation.id}"),))]
        case State.ASKING:
            return _asks(operation)
        case State.ABORTING:
            return [Text(_("{why}; putting things back.", why=_ended_by(operation.stopped_by)))]
        case State.STUCK:
            return _asks_person(operation)
    return []


def _stop(operation: Operation) -> str:
    if "/" not in operation.target:
        return _("Stop {id}?", id=operation.id)
    return _("Stop {id} and put back what it did to {target}?", id=operation.id, target=operation.target)


def starts(operation: Operation) -> str:
    """When it does; for what is not to start at once."""
    waits = N_(":lock: Waits for {target} to be unlocked, at the latest {time}.")
    words = waits if UNLOCKED in operation.plan else N_("Starts {time}; checked again then.")
    return _(words, target=operation.target, time=at_moment(operation.plan[STARTS]))


def _asks_approval(operation: Operation) -> list[Block]:
    approval = operation.plan["approval"]
    lines = [f"• {inert(line)}" for line in operation.plan.get("shows", ())]
    if approval.get("live"):
        lines.append("• " + _("{image} runs there now", image=inert(approval["live"])))
    if STARTS in operation.plan:
        lines.append(f"• {starts(operation)}")
    needs = counted(
        "Needs {n} approval by role {role} ({who}) before {time}.",
        "Needs {n} approvals by role {role} ({who}) before {time}.",
        approval["count"] - len(operation.approvals),
        role=approval["role"],
        who=approval["who"],
        time=at_time(approval["until"]),
    )
    given = (_("Approved by {person}.", person=f"<@{user}>") for user in operation.approvals)
    lines += [*approval.get("context", ()), " ".join((needs, *given))]
    question = _("Let `{command}` start?", command=in_words(headline(operation.text)))
    approve = Button(_("Approve"), f"approve {operation.id}", "primary", question)
    deny = Button(_("Deny"), f"deny {operation.id}", "danger")
    return [Text("\n".join(lines)), Buttons((approve, deny))]


def _ended_by(by: str) -> str:
    if by == NOBODY:
        return _("Nobody answered in time")
    return _("Ended by {who}", who=f"<@{by}>" if by.startswith(("U", "W")) else f"`{by}`")


def _asks(operation: Operation) -> list[Block]:
    """A question before it goes on."""
    stuck = operation.stuck
    assert stuck is not None
    until = _("Without an answer by {time} it is cancelled.", time=at_time(stuck.until))
    go_on = Button(_("Go on"), f"proceed {operation.id}", "danger")
    stop = Button(_("Stop"), f"cancel {operation.id}")
    return [Text(f":grey_question: {_safe(stuck.problem)}\n{until}"), Buttons((go_on, stop))]


def _asks_person(operation: Operation) -> list[Block]:
    stuck = operation.stuck
    assert stuck is not None
    again = _("Try again")
    if stuck.builds:
        again = _("None of them") if operation.stopped_by else _("Trigger again")
    adopt = [Button(_("Adopt #{n}", n=n), f"adopt {operation.id} build {n}") for n in stuck.builds[:5]]
    question = _("Free {target} and undo nothing?", target=operation.target)
    give_up = Button(_("Give up"), f"giveup {operation.id}", "danger", question)
    buttons = (*adopt, Button(again, f"retry {operation.id}"), give_up)
    words = _(":warning: {problem} A person must decide.", problem=_safe(stuck.problem))
    return [Text(words), Buttons(buttons)]


def _progress(operation: Operation, left: str) -> list[Block]:
    lines = [f":heavy_check_mark: {_done(step)}" for step in operation.steps if step.told]
    waiting = operation.waiting
    if waiting is not None and waiting.trouble:
        since = at_time(waiting.troubled_since or waiting.since)
        words = N_(":warning: {trouble}, since {time}. Still trying.")
        lines.append(_(words, trouble=_safe(waiting.trouble), time=since))
    elif waiting is not None:
        words = waiting.progress or _("waiting: {step}", step=_(waiting.step))
        told = filter(None, (_safe(words), left))
        lines.append(f":arrows_counterclockwise: {' · '.join(told)}")
    return [Text("\n".join(lines))] if lines else []


def _done(step: Step) -> str:
    took = (step.ended or step.began) - step.began
    return step.told + (f" _({duration(took)})_" if took >= 1 else "")


def _ending(operation: Operation) -> list[Block]:
    outcome = operation.outcome
    if outcome is None:
        return []
    link = f" <{outcome.link}|{_('Open')}>" if outcome.link else ""
    blocks: list[Block] = [Text(f"*{_safe(outcome.summary)}*{_reference(operation)}{link}")]
    buttons = _next_steps(operation)
    if buttons:
        blocks.append(Buttons(buttons))
    blocks += _evidence(outcome)
    if outcome.errors:
        blocks.append(Text(_("New in the log since it began:")))
        blocks.append(_code(outcome.errors))
    return blocks


def _evidence(of: Outcome | Waiting | None) -> list[Block]:
    """The log and the cluster's warnings: below the buttons, which would else be a long scroll away on a phone."""
    if of is None:
        return []
    blocks: list[Block] = [_code(of.excerpt)] if of.excerpt else []
    return blocks + ([Text(_("Warnings of the cluster:")), _code(of.events)] if of.events else [])


def _code(lines: tuple[str, ...]) -> Code:
    return Code(tuple(redact_lines(lines)[0]))


def _hidden(blocks: list[Block]) -> str:
    count = sum(map(hidden_in, blocks))
    return " · " + counted("{n} value hidden", "{n} values hidden", count) if count else ""


def _next_steps(operation: Operation) -> tuple[Button, ...]:
    """The one or two actions that make sense once it is over."""
    outcome = operation.outcome
    if outcome is not None and outcome.offers:
        return _offered(operation)
    if operation.state is not State.FAILED or outcome is None or not operation.target:
        return ()
    again = _("Run `{command}` again?", command=in_words(operation.text))
    retry = Button(_("Try again"), operation.text, confirm=again)
    project, slash, environment = operation.target.partition("/")
    if not slash or not operation.step("rollout started"):
        return (retry,)
    logs = Button(_("Logs"), f"logs {project} in {environment} level error")
    if outcome.back is not None:
        return (back_button(operation.target, outcome.back), logs)
    if operation.verb == "rollback":  # to something else: it asks which
        return (Button(_("Roll back"), f"rollback {project} in {environment}", "danger"), logs)
    return (retry, logs)


def _offered(operation: Operation) -> tuple[Button, ...]:
    offers = operation.outcome.offers if operation.outcome else ()
    return tuple(Button(label, text, confirm=_("Run `{command}`?", command=text)) for label, text in offers)


def _reference(operation: Operation) -> str:
    reference = operation.outcome.reference if operation.outcome else ""
    return " " + _("Tell operations this reference: `{reference}`.", reference=reference) if reference else ""


def _small_print(operation: Operation) -> str:
    who = {"id": operation.id, "person": f"<@{operation.actor.id}>", "time": at_time(operation.opened)}
    if operation.finished is None:
        return _("`{id}` · asked by {person} · since {time}", **who)
    took = duration(operation.finished - operation.opened)
    return _("`{id}` · asked by {person} · {time} · took {duration}", **who, duration=took)


def _safe(text: str) -> str:
    return marked(redact(text).text)
