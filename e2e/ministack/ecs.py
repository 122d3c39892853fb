"""ECS as AWS has it: its calls are judged by the service or task that they name, and a task of a service that was stopped is replaced."""
import json
from datetime import datetime

from ministack.core import iam_actions
from ministack.core.responses import get_account_id, get_region
from ministack.services import ecs

# https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html
SERVICES = {"CreateService", "DeleteService", "DescribeServices", "UpdateService"}
TASKS = {"DescribeTasks", "StopTask"}

# Ministack's own judges all by the cluster.
extract = iam_actions.extract_resource_arn
context_of = iam_actions.request_tag_context
stop = ecs._ACTION_MAP["StopTask"]


def resource_arn(service, method, path, headers, body, query_params, region, account_id):
    act = headers.get("x-amz-target", "").rpartition(".")[2]
    kind = "service" if act in SERVICES else "task" if act in TASKS else "container-instance" if act == "ListTasks" else None
    if service != "ecs" or kind is None:
        return extract(service, method, path, headers, body, query_params, region, account_id)
    asked = json.loads(body or b"{}")
    several = asked.get("services") or asked.get("tasks") or []
    # Where a call names several, by the first: they are of one service here.
    named = several[0] if several else asked.get("service") or asked.get("serviceName") or asked.get("task")
    named = "*" if kind == "container-instance" else last(named)
    return f"arn:aws:ecs:{region}:{account_id}:{kind}/{last(asked.get('cluster', 'default'))}/{named}"


def context(service, action, body, params):
    found = context_of(service, action, body, params)
    if service != "ecs":
        return found
    cluster = json.loads(body or b"{}").get("cluster")
    return {**found, "ecs:cluster": extract("ecs", "POST", "/", {}, body, {}, get_region(), get_account_id())} if cluster else found


def last(name):
    return (name or "*").rpartition("/")[2]


def stop_and_replace(asked):
    """Only a deployment made Ministack's own look for tasks that are missing."""
    answer = stop(asked)
    stopped = ecs._resolve_task(asked.get("task", ""), last(asked.get("cluster", "default"))) or {}
    kind, _, name = stopped.get("group", "").partition(":")
    if kind == "service":
        cluster = last(stopped["clusterArn"])
        ecs._reconcile_service_tasks(cluster, f"{cluster}/{name}")
    return answer


def seconds(value):
    """With milliseconds, as AWS tells them: what was started after a click is newer than the click, also in the same second."""
    return round(datetime.fromisoformat(value.replace("Z", "+00:00")).timestamp(), 3) if isinstance(value, str) else value


def put_right():
    ecs._ts_to_epoch = seconds
    ecs._ACTION_MAP["StopTask"] = stop_and_replace
    iam_actions.extract_resource_arn = resource_arn
    iam_actions.request_tag_context = context
