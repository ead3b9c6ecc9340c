"""The few pages a person sees who follows a link from chat: folder, job, build, console."""

from __future__ import annotations

import html

from sandbox.jenkins.build import Build
from sandbox.jenkins.project import Project
from sandbox.jenkins.views import Folder

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 1.5rem; max-width: 70rem; color: #14141f; }
pre { background: #f5f6fa; padding: 1rem; overflow-x: auto; font-size: 13px; }
a { color: #0b6aa2; } td { padding: .1rem 1rem .1rem 0; } h1 { font-size: 1.4rem; }
"""


def _page(title: str, body: str) -> str:
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>'
    styled = f"<!doctype html><html><head>{head}<style>{STYLE}</style></head>"
    return f"{styled}<body><h1>{title}</h1>{body}</body></html>"


def _link(href: str, text: str) -> str:
    return f'<a href="{html.escape(href)}">{html.escape(text)}</a>'


def _table(rows: dict[str, str]) -> str:
    cells = "".join(f"<tr><td>{html.escape(k)}</td><td>{html.escape(v)}</td></tr>" for k, v in rows.items())
    return f"<table>{cells}</table>"


def folder_page(folder: Folder) -> str:
    items = "".join(
        f"<li>{_link(c.of.url, c.of.url.rstrip('/').rpartition('/')[2])}</li>" for c in folder.children
    )
    return _page(html.escape(folder.name) or "Jenkins", f"<ul>{items}</ul>")


def job_page(project: Project) -> str:
    builds = "".join(
        f"<li>{_link(build.url, f'#{build.number}')} {build.result or 'running'}</li>"
        for build in reversed(project.builds[-30:])
    )
    return _page(html.escape(project.display_name), f"<ol reversed style='list-style:none'>{builds}</ol>")


def build_page(build: Build) -> str:
    facts = {"Result": build.result or "running", "Revision": build.checkout.label} | build.parameters
    changes = "".join(
        f"<li>{html.escape(f'{commit.message} ({commit.author})')}</li>" for commit in build.checkout.changes
    )
    files = "".join(f"<li>{_link(f'{build.url}artifact/{path}', path)}</li>" for path in build.artifacts)
    body = f"{_table(facts)}<h2>Changes</h2><ul>{changes or '<li>none</li>'}</ul><ul>{files}</ul>"
    title = html.escape(f"{build.project.display_name} #{build.number}")
    return _page(title, body + f"<p>{_link(f'{build.url}console', 'Console Output')}</p>")


def console_page(build: Build) -> str:
    title = html.escape(f"{build.project.display_name} #{build.number}: Console Output")
    return _page(title, f"<pre>{html.escape(build.text())}</pre>")
