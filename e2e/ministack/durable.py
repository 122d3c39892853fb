"""Durable functions as AWS has them: made by CloudFormation, started by name, resumed after each wait with the version that they began with."""
import contextvars

from ministack.core.responses import error_response_json
from ministack.services import lambda_durable, lambda_svc
from ministack.services.cloudformation import provisioners


def keep_durable_config(act, props_at):
    """CloudFormation loses DurableConfig. `act` makes or updates a function; its properties are argument `props_at`."""

    def wrapped(*args, **kwargs):
        made = act(*args, **kwargs)
        durable = args[props_at].get("DurableConfig")
        if durable:
            lambda_svc._functions[made[0]]["config"]["DurableConfig"] = {**durable, "Enabled": True}
        return made

    return wrapped


execute = lambda_svc._execute_function


def execute_and_settle(func, event):
    """After an asynchronous start nobody reads whether the execution waits or has ended. And a resumed one ran the newest code."""
    rec = lambda_durable._executions.get(event.get("DurableExecutionArn")) if isinstance(event, dict) else None
    if rec is None:
        return execute(func, event)
    func = of_version(func, rec["Version"])
    if func is None:
        gone = {"ErrorType": "ResourceNotFoundException", "ErrorMessage": f"version {rec['Version']} was deleted"}
        lambda_durable.mark_execution_completed(rec["DurableExecutionArn"], None, gone)
        return {"body": gone, "error": True, "log": gone["ErrorMessage"]}
    result = execute(func, event)
    body = result.get("body")
    status = body.get("Status") if isinstance(body, dict) else None
    if status == "PENDING":
        lambda_durable.schedule_resume(rec["DurableExecutionArn"])
    elif status in ("SUCCEEDED", "FAILED"):
        lambda_durable.mark_execution_completed(rec["DurableExecutionArn"], body.get("Result"), body.get("Error"))
    return result


def of_version(func, version):
    if version == "$LATEST":
        return func
    name = (func.get("config") or func)["FunctionName"]
    return lambda_svc._functions[name]["versions"].get(version)


wanted_name = contextvars.ContextVar("durable execution name", default=None)
create_execution = lambda_durable.create_execution_for_invoke
invoke = lambda_svc._invoke


def create_named_execution(*args, **kwargs):
    return create_execution(*args, **{**kwargs, "name": wanted_name.get()})


async def invoke_by_name(name, event, headers, *args, **kwargs):
    """A name was not heard: the same name again was a second execution."""
    wanted = headers.get("x-amz-durable-execution-name")
    if wanted and any(is_named(rec, name, wanted) for rec in lambda_durable._executions.values()):
        return error_response_json("DurableExecutionAlreadyStartedException", f"{wanted} was started already", 409)
    wanted_name.set(wanted)
    return await invoke(name, event, headers, *args, **kwargs)


def is_named(rec, function, name):
    return rec["DurableExecutionName"] == name and rec["FunctionArn"].split(":")[6] == function


def put_right():
    functions = provisioners._RESOURCE_HANDLERS["AWS::Lambda::Function"]
    functions["create"] = keep_durable_config(functions["create"], 1)
    functions["update"] = keep_durable_config(functions["update"], 2)
    lambda_svc._execute_function = execute_and_settle
    lambda_svc._invoke = invoke_by_name
    lambda_durable.create_execution_for_invoke = create_named_execution
