"""An incident as it is told: its stages in order."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channel import Message

STARTED = Message(
    stage="started",
    incident="2026-11-22-checkout",
    number=1,
    severity="P1",
    environment="sandbox",
    title="Checkout is being rolled back",
    text="We roll checkout back to Friday's release.",
    public="Some customers cannot pay. We are working on it.",
    status="investigating",
    components=("storefront", "api"),
    started_at="2026-11-22T02:38:00.000Z",
    facts=(("Lead", "alex"), ("ETA", "02:48 UTC")),
    test=False,
)
PROGRESS = replace(STARTED, stage="progress", status="identified", public="We have found the cause.", text="storefront is back.")
RESTORED = replace(STARTED, stage="restored", status="monitoring", public="A fix is in place, we are watching.", text="All is back.")
COMMITTED = replace(STARTED, stage="committed", status="resolved", public="Customers can pay again.", text="The incident is over.")
UNDONE = replace(COMMITTED, stage="undone", public="We have taken our change back.")
STAGES = (STARTED, PROGRESS, RESTORED, COMMITTED)
DRILL = replace(STARTED, test=True)
