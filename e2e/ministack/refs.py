"""What CloudFormation's Ref gives: of a secret it is the ARN, here it was the name."""
from ministack.services import secretsmanager
from ministack.services.cloudformation import provisioners

HANDLERS = provisioners._RESOURCE_HANDLERS["AWS::SecretsManager::Secret"]
create, update, delete = HANDLERS["create"], HANDLERS["update"], HANDLERS["delete"]


def name_of(arn):
    return next((name for name, secret in secretsmanager._secrets.items() if secret["ARN"] == arn), arn)


def by_arn(made):
    name, attributes = made
    return secretsmanager._secrets[name]["ARN"], attributes


def put_right():
    HANDLERS["create"] = lambda *args, **kwargs: by_arn(create(*args, **kwargs))
    HANDLERS["update"] = lambda arn, *args, **kwargs: by_arn(update(name_of(arn), *args, **kwargs))
    HANDLERS["delete"] = lambda arn, *args, **kwargs: delete(name_of(arn), *args, **kwargs)
