"""What tools print when they fail, as data. Every pattern is matched from the start of a line.

Stronger words first: `PROVEN` is printed by nothing that goes on to succeed, `LIKELY` is also logged by
programs and tests that recover, `REPORTED` says that something else failed, `MENTIONED` is a word.
"""

from __future__ import annotations

PROVEN = {
    "javac": r"\s*(?:\[javac\] )?\S+\.(?:java|groovy|scala):\d+: error: ",
    "maven": r"\[ERROR\] (?:COMPILATION ERROR|\S+\.(?:java|kt):\[\d+,\d+\]|.*<<< (?:FAILURE|ERROR)!"
    r"|Non-resolvable|Non-parseable|The project .* has \d+ error|.*Could not (?:resolve|find artifact)"
    r"|Failed to execute goal .*: \S+ (?!test failures|-> \[Help))|\[FATAL\] ",
    "gradle": r"e: \S+\.kts?:|> Could not (?:resolve|find) |\S.* > .* FAILED$",
    "bundlers": r"ERROR in |Module not found: |.*Module parse failed|.*\bModuleNotFoundError: "
    r"|error during build:|Parse error: ",
    "typescript": r".*\berror TS\d+: ",
    "linters": r"\s*\d+:\d+\s+error\s|Quality gate|ERROR: Pipeline aborted due to quality gate",
    "jest": r"\s*● .+ › |\s*✕ |\s+expect\(",
    "npm": r"npm (?:ERR!|error) (?:code E(?!LIFECYCLE)|404|notarget|missing script|Missing script|peer )",
    "yarn": r"error (?:\S+@\S+: |Couldn't find|An unexpected error)",
    "pip": r"ERROR: (?:Cannot install|Could not|No matching|Failed building|Package )"
    r"|\s*error: subprocess-exited-with-error|\s*error: metadata",
    "pytest": r"E {3,}\S|(?:FAILED|ERROR) \S+\.py(?:::| )",
    "mypy": r"\S+\.pyi?:\d+(?::\d+)?: error: ",
    "docker": r"(?:ERROR: )?failed to (?:solve|build|compute cache key)|ERROR: process \"|(?:COPY|ADD) failed"
    r"|(?:denied|unauthorized): ",
    "svn": r"C {4}\S|.*\bsvn: E(?!200009)\d{6}: |svn: warning: W160013",
    "git": r"CONFLICT \(|error: (?:pathspec|failed to push|Your local changes)"
    r"|ERROR: (?:Couldn't find any revision|Error cloning|Failed to check out)",
    "go": r"\S+\.go:\d+(?::\d+)?: |--- FAIL: |panic: |go: .*(?:not found|unknown revision|cannot find)",
    "compilers": r"\S+:\d+(?::\d+)?: (?:fatal )?error: |error\[\w+\]|\S+\(\d+(?:,\d+)?\): (?:fatal )?error \w+:"
    r"|.*undefined reference to |(?:\S*/)?ld: (?!warning)",
    "nginx": r"(?:nginx: )?\[(?:emerg|alert)\] ",
    "kubernetes": r"Error from server|error: (?:unable to|error |no objects|the server )"
    r"|\[ERROR\] templates/|Error: (?:INSTALLATION|UPGRADE) FAILED",
    "ansible": r"fatal: \[[^\]]+\]: (?:FAILED|UNREACHABLE)!",
    "composer": r"Your requirements could not be resolved| {2}Problem \d+",
    "memory": r"Killed$|FATAL ERROR: .*(?:heap|memory)|.*java\.lang\.OutOfMemoryError|.*\bOOMKilled\b",
    "disk": r".*No space left on device|.*Disk quota exceeded",
    "time": r"Build timed out|Cancelling nested steps due to timeout|Timeout has been exceeded",
    "jenkins": r"ERROR: Could not find credentials|groovy\.lang\.\w+Exception|WorkflowScript: \d+: "
    r"|.*MultipleCompilationErrorsException|Cannot contact \S+: |.*ChannelClosedException|ERROR: No such ",
}
LIKELY = {
    "shell": r".*: (?:command not found|not found|No such file or directory|Permission denied)$"
    r"|.*: cannot execute|Permission denied|.*Cannot allocate memory|Segmentation fault|Aborted\b",
    "python": r"\s*Traceback \(most recent call last\)|(?:\w+\.)*\w*(?:Error|Exception): |\s*SyntaxError: ",
    "jvm": r"\s*(?:Exception in thread |(?:Caused by: )?(?:[\w$]+\.)+\w*(?:Exception|Error)(?:: |$))",
    "javascript": r"\s*(?:Uncaught )?(?:SyntaxError|ReferenceError|TypeError|RangeError): ",
    "git": r"fatal: |error: (?:could not|unable to)|.*hudson\.plugins\.git\.GitException",
    "docker": r"Error response from daemon|.*(?:manifest|pull access|repository) .*(?:unknown|denied)"
    r"|(?:ERROR: )?failed to |Error: No such |.*Cannot connect to the Docker daemon",
    "network": r".*Connection (?:refused|reset|timed out)|.*Could not resolve host|.*: Name or service not known"
    r"|.*certificate (?:has expired|verify failed)|curl: \(\d+\) ",
    "errors": r"\s*(?:ERROR|FATAL|SEVERE|Error|error): (?!script returned|for )\S",
    "logs": r".{0,40}\b(?:SEVERE|FATAL|ERROR)\b",
}
REPORTED = {
    "maven": r"\[ERROR\] \S",
    "gradle": r"FAILURE: Build failed|.*> Task \S+ FAILED|Execution failed for task|\* What went wrong:",
    "npm": r"npm (?:ERR!|error) ",
    "yarn": r"error Command failed",
    "docker": r"The command '.*' returned a non-zero code|.*did not complete successfully: exit code"
    r"|.*executor failed running",
    "make": r"g?make(?:\[\d+\])?: \*\*\* |ninja: build stopped",
    "tests": r"FAIL(?:ED)?\b|FAILURES!|.*\b[1-9]\d* (?:tests? )?failed|Tests run: .*(?:Failures|Errors): [1-9]",
    "jenkins": r"ERROR: (?!script returned)|hudson\.AbortException",
}
MENTIONED = {  # in any case of letters
    "an error": r".*(?<![\w./-])(?:error|fatal|exception|failed|failure|cannot|unable to|denied)"
    r"(?![\w/-]|\.\w)",
}

HARMLESS = (
    r"\b(?:0|no|without) (?:error|failure|failed|exception)s?|(?:errors?|failures?|failed)[:=] ?0\b"
    r"|\[(?:INFO|DEBUG|WARN|WARNING)\]|\bwarning\b|\|\| true|continue-on-error|finished: failure|fail-?fast"
    r"|script returned exit code|marked build as|due to earlier failure"
)
"""What only sounds like an error; searched in any case of letters."""

COMMAND = r"\++ \S|\[[\w. -]+\] \$ |[A-Za-z]:\\[^>]*>\S"
"""A command as Jenkins shows it: `sh` of a pipeline (xtrace), a freestyle step, `bat`."""
AFTERWARDS = (
    r"Build step '.*' (?:marked|changed) build|Stage \".*\" skipped due to earlier failure"
    r"|\[Pipeline\] \{ \(Declarative: Post Actions\)|ERROR: script returned exit code"
)
"""Where Jenkins goes on after what failed."""

NOISE = (
    r"\[Pipeline\] ",
    r"(?:\[INFO\] )?(?:Downloading|Downloaded)(?: from [\w-]+)?: ",
    r"Progress \(\d+\): ",
    r"npm http fetch ",
    r"npm (?:ERR!|error)\s*$",
    r"remote: (?:Counting|Compressing|Enumerating) objects",
    r"(?:Receiving objects|Resolving deltas|Updating files): ",
    r"\[(?:INFO|ERROR)\]\s*$",
    r"\[INFO\] -{10,}",
)
"""Lines that say nothing about a failure and fill an excerpt."""
FRAME = r"\s+at [\w$.<>/@-]+\(|\s+at \S+ \(.*:\d+:\d+\)|\s+at .*//|\s+\.\.\. \d+ (?:more|common)"
"""One line of a stack trace."""
