"""What ECS calls are judged by: the service or task that they name, and the cluster as a condition key. Ministack's own judges all by the cluster."""
import json

from ministack.core import iam_actions
from ministack.core.responses import get_account_id, get_region

# https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html
SERVICES = {"CreateService", "DeleteService", "DescribeServices", "UpdateService"}
TASKS = {"DescribeTasks", "StopTask"}

extract = iam_actions.extract_resource_arn
context_of = iam_actions.request_tag_context


def resource_arn(service, method, path, headers, body, query_params, region, account_id):
    act = headers.get("x-amz-target", "").rpartition(".")[2]
    kind = "service" if act in SERVICES else "task" if act in TASKS else "container-instance" if act == "ListTasks" else None
    if service != "ecs" or kind is None:
        return extract(service, method, path, headers, body, query_params, region, account_id)
    asked = json.loads(body or b"{}")
    one = next(iter(asked.get("services") or asked.get("tasks") or []), None) or asked.get("service") or asked.get("serviceName") or asked.get("task")
    named = last(one) if kind != "container-instance" else "*"
    return f"arn:aws:ecs:{region}:{account_id}:{kind}/{last(asked.get('cluster', 'default'))}/{named}"


def context(service, action, body, params):
    found = context_of(service, action, body, params)
    if service != "ecs":
        return found
    cluster = json.loads(body or b"{}").get("cluster")
    return {**found, "ecs:cluster": extract("ecs", "POST", "/", {}, body, {}, get_region(), get_account_id())} if cluster else found


def last(name):
    return (name or "*").rpartition("/")[2]


def put_right():
    iam_actions.extract_resource_arn = resource_arn
    iam_actions.request_tag_context = context
