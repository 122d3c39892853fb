"""Starts MiniStack with what it gets wrong put right: docs/emulator.md has the list."""
import alarms
import durable
import ecs
import policies
import refs
from ministack import app

for part in (alarms, durable, ecs, policies, refs):
    part.put_right()
app.main()
