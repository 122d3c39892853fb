"""Starts MiniStack with what it gets wrong put right: docs/emulator.md has the list."""
import alarms
import durable
import ecs
import logs
import metrics
import policies
import refs
import resources
from ministack import app

for part in (alarms, durable, ecs, logs, metrics, policies, refs, resources):
    part.put_right()
app.main()
