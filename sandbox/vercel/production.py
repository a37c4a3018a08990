"""What a project serves in production: its domains, and the deployment they belong to."""

from __future__ import annotations

from sandbox.clock import now_ms
from sandbox.state import Row
from sandbox.vercel.book import Book, point


def publish(book: Book, project: Row, deployment: Row) -> None:
    """Every domain shows it at once, and it is the project's production."""
    for domain in project["domains"]:
        move(book, domain, deployment)
    make_current(book, project, deployment)


def move(book: Book, domain: str, deployment: Row) -> None:
    """Point a domain at a deployment; one that was aliased by hand stays where it is, as at the vendor."""
    if not book.aliases[domain]["manual"]:
        point(book.aliases[domain], deployment)


def make_current(book: Book, project: Row, deployment: Row) -> None:
    """The project's production is this deployment from now on; `aliasAssigned` keeps its first instant."""
    deployment["readySubstate"] = "PROMOTED"
    deployment["aliasAssigned"] = deployment["aliasAssigned"] or now_ms()
    project["production"] = deployment["id"]
    project["served"].append(deployment["id"])
    project["updatedAt"] = now_ms()
