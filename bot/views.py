"""Operation -> what people see of it. Pure: the message is the state."""

from __future__ import annotations

from bot.ledger import Place
from bot.lifecycle import State
from bot.mrkdwn import inert, marked
from bot.operation import NOBODY, STARTS, UNLOCKED, Operation, Step
from bot.redact import redact, redact_lines
from bot.redact.replies import hidden_in
from bot.reply import Block, Button, Buttons, Code, Context, Reply, Text
from bot.words import at_moment, at_time, duration

MARKS = {
    State.SCHEDULED: ":alarm_clock:",
    State.AWAITING_APPROVAL: ":raised_hand:",
    State.QUEUED: ":hourglass_flowing_sand:",
    State.RUNNING: ":hourglass_flowing_sand:",
    State.ABORTING: ":hourglass_flowing_sand:",
    State.ASKING: ":grey_question:",
    State.STUCK: ":warning:",
    State.SUCCEEDED: ":white_check_mark:",
    State.FAILED: ":x:",
    State.CANCELLED: ":no_entry_sign:",
    State.DENIED: ":no_entry_sign:",
    State.EXPIRED: ":no_entry_sign:",
}
WORDS = {
    State.SCHEDULED: "scheduled",
    State.AWAITING_APPROVAL: "waits for approval",
    State.QUEUED: "starting",
    State.RUNNING: "running",
    State.ABORTING: "stopping",
    State.ASKING: "asks you",
    State.STUCK: "needs a person",
    State.SUCCEEDED: "done",
    State.FAILED: "FAILED",
    State.CANCELLED: "cancelled",
    State.DENIED: "denied",
    State.EXPIRED: "expired",
}


def showing(operation: Operation, place: Place | None = None) -> Reply:
    """The one message of an operation, as it stands now; for a query, its answer.

    `place`: where it stands in line, while it waits for its target.
    """
    if operation.kind == "query":
        return _answer(operation)
    blocks: list[Block] = [
        Text(_headline(operation, place)),
        *_progress(operation),
        *(_in_line(operation, place) if place else _now(operation)),
        *_ending(operation),
    ]
    blocks.append(
        Context(f"`{operation.id}` · asked by <@{operation.actor.id}> · {_clock(operation)}{_hidden(blocks)}")
    )
    return Reply(_push(operation), tuple(blocks))


def closing(operation: Operation) -> Reply | None:
    """The new reply in the thread that tells people it ended; None while it runs."""
    if not operation.final or operation.kind == "query" or operation.outcome is None:
        return None
    summary = f"{MARKS[operation.state]} {_safe(operation.outcome.summary)}"
    return Reply(f"{_push(operation)}", (Text(f"{summary}\n<@{operation.actor.id}>"),))


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
    return f"ask:{stuck.since:.0f}", Reply(_push(operation), blocks)


def _answer(operation: Operation) -> Reply:
    outcome = operation.outcome
    if outcome is not None and outcome.reply is not None:
        return Reply.from_dict(outcome.reply)
    words = outcome.summary if outcome else "No answer yet."
    return Reply(_safe(words), (Text(f":x: {_safe(words)}{_reference(operation)}"),))


def _headline(operation: Operation, place: Place | None) -> str:
    words = "in line" if place else WORDS[operation.state]
    return f"{MARKS[operation.state]} *{inert(operation.text)}* · {words}"


def _in_line(operation: Operation, place: Place) -> list[Block]:
    holder = place.holder
    left = f", about {duration(place.seconds_left)} left" if place.seconds_left is not None else ""
    asks = ", which waits for a person's answer" if holder.stuck is not None else left
    who = f"`{holder.id}` ({inert(holder.text)} by <@{holder.actor.id}>{asks})"
    leave = Button("Leave the line", f"cancel {operation.id}")
    return [Text(f"{_ordinal(place.position)} in line behind {who}"), Buttons((leave,))]


def _ordinal(number: int) -> str:
    endings = {1: "st", 2: "nd", 3: "rd"}
    return f"{number}{'th' if 10 <= number % 100 <= 20 else endings.get(number % 10, 'th')}"


def _now(operation: Operation) -> list[Block]:
    """What people can do while it is not over."""
    match operation.state:
        case State.AWAITING_APPROVAL:
            return _asks_approval(operation)
        case State.QUEUED | State.RUNNING:
            undo = f" and put back what it did to {operation.target}" if "/" in operation.target else ""
            question = f"Stop {operation.id}{undo}?"
            return [Buttons((Button("Cancel", f"cancel {operation.id}", confirm=question),))]
        case State.SCHEDULED:
            leave = Button("Cancel", f"cancel {operation.id}")
            return [Text(_starts(operation)), Buttons((leave,))]
        case State.ASKING:
            return _asks(operation)
        case State.ABORTING:
            return [Text(f"{_ended_by(operation.stopped_by)}; putting things back.")]
        case State.STUCK:
            return _asks_person(operation)
    return []


def _starts(operation: Operation) -> str:
    when = at_moment(operation.plan[STARTS])
    if UNLOCKED in operation.plan:
        return f":lock: Waits for {operation.target} to be unlocked, at the latest {when}."
    return f"Starts {when}; checked again then."


def _asks_approval(operation: Operation) -> list[Block]:
    approval = operation.plan["approval"]
    missing = approval["count"] - len(operation.approvals)
    given = "".join(f" Approved by <@{user}>." for user in operation.approvals)
    live = f"\n• {inert(approval['live'])} runs there now" if approval.get("live") else ""
    plan = "\n".join(f"• {inert(line)}" for line in operation.plan.get("shows", ())) + live
    words = (
        f"{plan}\nNeeds {missing} approval{'s' if missing > 1 else ''} by role {approval['role']} "
        f"({approval['who']}) before {at_time(approval['until'])}.{given}"
    )
    approve = Button("Approve", f"approve {operation.id}", "primary", f"Let `{operation.text}` start?")
    return [Text(words.strip()), Buttons((approve, Button("Deny", f"deny {operation.id}", "danger")))]


def _ended_by(by: str) -> str:
    if by == NOBODY:
        return "Nobody answered in time"
    return f"Ended by <@{by}>" if by.startswith(("U", "W")) else f"Ended by `{by}`"


def _asks(operation: Operation) -> list[Block]:
    """A question before it goes on."""
    stuck = operation.stuck
    assert stuck is not None
    words = f":grey_question: {_safe(stuck.problem)}\nWithout an answer by {at_time(stuck.until)} it is cancelled."
    go_on = Button("Go on", f"proceed {operation.id}", "danger")
    return [Text(words), Buttons((go_on, Button("Stop", f"cancel {operation.id}")))]


def _asks_person(operation: Operation) -> list[Block]:
    stuck = operation.stuck
    assert stuck is not None
    again = "Try again"
    if stuck.builds:
        again = "None of them" if operation.stopped_by else "Trigger again"
    adopt = [Button(f"Adopt #{n}", f"adopt {operation.id} build {n}") for n in stuck.builds[:5]]
    question = f"Free {operation.target} and undo nothing?"
    give_up = Button("Give up", f"giveup {operation.id}", "danger", question)
    buttons = (*adopt, Button(again, f"retry {operation.id}"), give_up)
    return [Text(f":warning: {_safe(stuck.problem)} A person must decide."), Buttons(buttons)]


def _push(operation: Operation) -> str:
    """What a phone shows: state, target and the reason in the first words."""
    told = f": {_safe(operation.outcome.summary)}" if operation.outcome else ""
    if operation.stuck is not None:
        told = f": {_safe(operation.stuck.problem)}"
    return f"{WORDS[operation.state]} {operation.verb} {operation.target}{told}"


def _progress(operation: Operation) -> list[Block]:
    lines = [f":heavy_check_mark: {_done(step)}" for step in operation.steps if step.told]
    waiting = operation.waiting
    if waiting is not None and waiting.trouble:
        since = at_time(waiting.troubled_since or waiting.since)
        lines.append(f":warning: {_safe(waiting.trouble)}, since {since}. Still trying.")
    elif waiting is not None:
        lines.append(f":arrows_counterclockwise: {_safe(waiting.progress or f'waiting: {waiting.step}')}")
    return [Text("\n".join(lines))] if lines else []


def _done(step: Step) -> str:
    took = (step.ended or step.began) - step.began
    return step.told + (f" _({duration(took)})_" if took >= 1 else "")


def _ending(operation: Operation) -> list[Block]:
    outcome = operation.outcome
    if outcome is None:
        return []
    link = f" <{outcome.link}|Open>" if outcome.link else ""
    blocks: list[Block] = [Text(f"*{_safe(outcome.summary)}*{_reference(operation)}{link}")]
    buttons = _next_steps(operation)
    if buttons:  # before the excerpt: on a phone they would be a long scroll away
        blocks.append(Buttons(buttons))
    if outcome.excerpt:
        blocks.append(_code(outcome.excerpt))
    if outcome.events:
        blocks.append(Text("Warnings of the cluster:"))
        blocks.append(_code(outcome.events))
    if outcome.errors:
        blocks.append(Text("New in the log since it began:"))
        blocks.append(_code(outcome.errors))
    return blocks


def _code(lines: tuple[str, ...]) -> Code:
    return Code(tuple(redact_lines(lines)[0]))


def _hidden(blocks: list[Block]) -> str:
    count = sum(map(hidden_in, blocks))
    return f" · {count} value{'s' if count > 1 else ''} hidden" if count else ""


def _next_steps(operation: Operation) -> tuple[Button, ...]:
    if operation.outcome is not None and operation.outcome.offers:
        return tuple(Button(label, text, confirm=f"{text}?") for label, text in operation.outcome.offers)
    if operation.state is not State.FAILED or not operation.target:
        return ()
    project, _, environment = operation.target.partition("/")
    retry = Button("Try again", operation.text, confirm=f"Run `{operation.text}` again?")
    if not environment:
        return (retry,)
    logs = Button("Logs", f"logs {project} in {environment} level error")
    if operation.verb != "deploy" or not operation.step("rollout started"):
        return (retry, logs)
    question = f"Put {operation.target} back to the previous good image?"
    rollback = Button(
        "Roll back", f"rollback {project} in {environment} to previous", "danger", confirm=question
    )
    return (rollback, retry, logs)


def _reference(operation: Operation) -> str:
    reference = operation.outcome.reference if operation.outcome else ""
    return f" Tell operations this reference: `{reference}`." if reference else ""


def _clock(operation: Operation) -> str:
    started = at_time(operation.opened)
    if operation.finished is None:
        return f"since {started}"
    return f"{started} · took {duration(operation.finished - operation.opened)}"


def _safe(text: str) -> str:
    return marked(redact(text).text)
