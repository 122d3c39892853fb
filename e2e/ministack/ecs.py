"""ECS as AWS has it: a task of a service that was stopped is replaced, and times have milliseconds."""
from datetime import datetime

from ministack.services import ecs

stop = ecs._ACTION_MAP["StopTask"]


def stop_and_replace(asked):
    """Only a deployment made Ministack's own look for tasks that are missing."""
    answer = stop(asked)
    stopped = ecs._resolve_task(asked.get("task", ""), last(asked.get("cluster", "default"))) or {}
    kind, _, name = stopped.get("group", "").partition(":")
    if kind == "service":
        cluster = last(stopped["clusterArn"])
        ecs._reconcile_service_tasks(cluster, f"{cluster}/{name}")
    return answer


def last(name):
    return name.rpartition("/")[2]


def seconds(value):
    """Ministack's own are whole seconds: what was started right after a click looked older than the click."""
    return round(datetime.fromisoformat(value.replace("Z", "+00:00")).timestamp(), 3) if isinstance(value, str) else value


def put_right():
    ecs._ACTION_MAP["StopTask"] = stop_and_replace
    ecs._ts_to_epoch = seconds
