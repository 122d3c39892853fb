"""GetMetricData as CloudWatch answers it: newest first, unless asked otherwise. Ministack's own is always oldest first."""
import json

from ministack.services import cloudwatch

get = cloudwatch._get_metric_data


def get_metric_data(params, asked, is_cbor, is_json=False):
    answer = get(params, asked, is_cbor, is_json)
    # The SDKs for JavaScript ask in JSON.
    if not is_json or (asked or {}).get("ScanBy") == "TimestampAscending":
        return answer
    status, headers, body = answer
    told = json.loads(body)
    for result in told.get("MetricDataResults", []):
        result["Timestamps"].reverse()
        result["Values"].reverse()
    return status, headers, json.dumps(told).encode()


def put_right():
    cloudwatch._get_metric_data = get_metric_data
