"""Which resource a call is about, where Ministack's judge of policies takes another one, or none."""
import json

from ministack.core import iam_actions
from ministack.core.responses import get_account_id, get_region

# https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html
ECS = {
    "CreateService": "service",
    "DeleteService": "service",
    "DescribeServices": "service",
    "UpdateService": "service",
    "DescribeTasks": "task",
    "StopTask": "task",
    "ListTasks": "container-instance",
}

extract = iam_actions.extract_resource_arn
context_of = iam_actions.request_tag_context


def resource_arn(service, method, path, headers, body, query_params, region, account_id):
    found = extract(service, method, path, headers, body, query_params, region, account_id)
    act = iam_actions.extract_iam_action(service, method, path, headers, body, query_params) or ""
    if act == "cloudwatch:DescribeAlarms" and found == "*":
        return f"arn:aws:cloudwatch:{region}:{account_id}:alarm:*"
    kind = ECS.get(act.removeprefix("ecs:"))
    if service != "ecs" or kind is None:
        return found
    asked = json.loads(body or b"{}")
    cluster = last(asked.get("cluster", "default"))
    return f"arn:aws:ecs:{region}:{account_id}:{kind}/{cluster}/{'*' if act == 'ecs:ListTasks' else last(named(asked))}"


def named(asked):
    """The first, where a call names several: here they are of one service."""
    several = asked.get("services") or asked.get("tasks") or []
    return several[0] if several else asked.get("service") or asked.get("serviceName") or asked.get("task") or "*"


def context(service, action, body, params):
    """Policies on ECS may name the cluster as a condition."""
    found = context_of(service, action, body, params)
    if service != "ecs":
        return found
    cluster = last(json.loads(body or b"{}").get("cluster", "default"))
    return {**found, "ecs:cluster": f"arn:aws:ecs:{get_region()}:{get_account_id()}:cluster/{cluster}"}


def last(name):
    return name.rpartition("/")[2]


def put_right():
    iam_actions.extract_resource_arn = resource_arn
    iam_actions.request_tag_context = context
