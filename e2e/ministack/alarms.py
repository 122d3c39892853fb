"""Alarms as CloudWatch has them: each looks at its own dimensions, and tells EventBridge and SNS in CloudWatch's words."""
import json
import logging
import operator
import time
from datetime import datetime, timezone

from ministack.core.responses import get_account_id, get_region, new_uuid
from ministack.services import cloudwatch, eventbridge, sns
from ministack.services.cloudformation import provisioners

COMPARISONS = {
    "GreaterThanOrEqualToThreshold": (operator.ge, "greater than or equal to"),
    "GreaterThanThreshold": (operator.gt, "greater than"),
    "LessThanThreshold": (operator.lt, "less than"),
    "LessThanOrEqualToThreshold": (operator.le, "less than or equal to"),
}


def evaluate(alarm):
    """Ministack's own looks at the metrics of all dimensions together, as one period, and counts no datapoints."""
    crosses, words = COMPARISONS.get(alarm.get("ComparisonOperator"), (None, ""))
    seen = [] if alarm.get("Metrics") or crosses is None else datapoints(alarm)
    if not seen:
        return
    threshold = alarm.get("Threshold", 0)
    periods = alarm.get("EvaluationPeriods", 1)
    breaching = sum(crosses(value, threshold) for value in seen)
    old, new = alarm["StateValue"], "ALARM" if breaching >= alarm.get("DatapointsToAlarm", periods) else "OK"
    if old == new:
        return
    count, was = (breaching, "was") if new == "ALARM" else (len(seen) - breaching, "was not")
    reason = (
        f"Threshold Crossed: {count} out of the last {periods} datapoints [{', '.join(map(str, seen))} ({datetime.now(timezone.utc):%d/%m/%y %H:%M:%S})] "
        f"{was} {words} the threshold ({threshold})."
    )
    alarm.update(StateValue=new, StateReason=reason, StateUpdatedTimestamp=int(time.time()))
    cloudwatch._record_history(alarm["AlarmName"], old, new, reason)
    tell(alarm, old, new, reason)
    cloudwatch._evaluate_parent_alarms(alarm)


def datapoints(alarm):
    """Of the periods that count, newest first; a period without data has none."""
    key = (alarm.get("Namespace"), alarm.get("MetricName"), cloudwatch._dims_key(dimensions(alarm)))
    stat = alarm.get("ExtendedStatistic") or alarm.get("Statistic", "Average")
    period, now = alarm.get("Period", 60), time.time()
    known = cloudwatch._metrics.get(key) or []
    seen = []
    for back in range(alarm.get("EvaluationPeriods", 1)):
        points = [point for point in known if back * period <= now - point["Timestamp"] < (back + 1) * period]
        if points:
            seen.append(cloudwatch._stat_value(cloudwatch._calc_stats(points), stat, points))
    return seen


def dimensions(alarm):
    listed = alarm.get("Dimensions") or []
    return listed if isinstance(listed, dict) else cloudwatch._dims_from_list(listed)


def tell(alarm, old, new, reason):
    """Ministack's own tells SNS only, without the alarm's ARN and to the second, and EventBridge nothing."""
    at = datetime.now(timezone.utc)
    told = f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}+0000"
    try:
        eventbridge._put_events({"Entries": [event(alarm, old, new, reason, told)]}, allow_aws_source=True)
        field = {"ALARM": "AlarmActions", "OK": "OKActions", "INSUFFICIENT_DATA": "InsufficientDataActions"}[new]
        if alarm.get("ActionsEnabled", True):
            for topic in filter(cloudwatch._is_sns_action_arn, alarm.get(field) or []):
                subject = f'{new}: "{alarm["AlarmName"]}" in {get_region()}'
                sns._fanout(topic, new_uuid(), json.dumps(notification(alarm, old, new, reason, told)), subject[:100])
    except Exception:
        logging.getLogger(__name__).exception("the alarm %s could not be told", alarm.get("AlarmName"))


def queries(alarm):
    """What the alarm watches, as its event says it."""
    if not alarm.get("Metrics"):
        stat = alarm.get("ExtendedStatistic") or alarm.get("Statistic")
        metric = {"namespace": alarm["Namespace"], "name": alarm["MetricName"], "dimensions": dimensions(alarm)}
        return [{"id": new_uuid(), "metricStat": {"metric": metric, "period": alarm["Period"], "stat": stat}, "returnData": True}]
    return [query(each) for each in alarm["Metrics"]]


def query(given):
    told = {"id": given["Id"], "label": given.get("Label"), "returnData": given.get("ReturnData", True)}
    if "Expression" in given:
        return {**told, "expression": given["Expression"]}
    stat = given["MetricStat"]
    metric = {"namespace": stat["Metric"]["Namespace"], "name": stat["Metric"]["MetricName"], "dimensions": dimensions(stat["Metric"])}
    return {**told, "metricStat": {"metric": metric, "period": stat["Period"], "stat": stat["Stat"]}}


def event(alarm, old, new, reason, told):
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html"""
    watched = {} if alarm["AlarmName"] in cloudwatch._composite_alarms else {"metrics": queries(alarm)}
    detail = {
        "alarmName": alarm["AlarmName"],
        "configuration": {"description": alarm.get("AlarmDescription") or "", **watched},
        "previousState": {"value": old},
        "state": {"value": new, "reason": reason, "timestamp": told},
    }
    return {
        "Source": "aws.cloudwatch",
        "DetailType": "CloudWatch Alarm State Change",
        "Resources": [alarm["AlarmArn"]],
        "Detail": json.dumps(detail),
    }


def notification(alarm, old, new, reason, told):
    named = [{"name": name, "value": value} for name, value in dimensions(alarm).items()]
    kept = ("MetricName", "Namespace", "Unit", "Period", "EvaluationPeriods", "ComparisonOperator", "Threshold", "TreatMissingData")
    trigger = {**{key: alarm.get(key) for key in kept}, "StatisticType": "Statistic", "Dimensions": named}
    return {
        "AlarmName": alarm["AlarmName"],
        "AlarmDescription": alarm.get("AlarmDescription") or None,
        "AWSAccountId": get_account_id(),
        "NewStateValue": new,
        "NewStateReason": reason,
        "StateChangeTime": told,
        "Region": get_region(),
        "AlarmArn": alarm["AlarmArn"],
        "OldStateValue": old,
        "OKActions": alarm.get("OKActions", []),
        "AlarmActions": alarm.get("AlarmActions", []),
        "InsufficientDataActions": alarm.get("InsufficientDataActions", []),
        "Trigger": {**trigger, "Statistic": (alarm.get("Statistic") or "").upper()},
    }


make_record = provisioners._cw_metric_alarm_record


def record(name, props):
    """CloudFormation refuses metric math. Such an alarm is kept; its state is only what SetAlarmState says."""
    if not props.get("Metrics"):
        return make_record(name, props)
    kept = make_record(name, {**props, "Metrics": None, "MetricName": "metric math", "Namespace": "metric math"})
    return {**kept, "Metrics": props["Metrics"], "MetricName": None, "Namespace": None}


def put_right():
    provisioners._cw_metric_alarm_record = record
    cloudwatch._evaluate_alarm = evaluate
    cloudwatch._dispatch_alarm_actions = tell
