"""A stack as CloudFormation describes it."""

from botocore.exceptions import ClientError


class Stack:
    """A stack by a session of boto3, as it is now; empty before the first deploy."""

    def __init__(self, session, name):
        self.description = {}
        try:
            self.description = session.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
        except ClientError as error:
            if "does not exist" not in str(error):
                raise

    def kept_parameters(self):
        """The names of the parameters that a deploy can leave as they are; none before the first deploy."""
        if self.description.get("StackStatus") in ("REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE"):
            return set()
        return {parameter["ParameterKey"] for parameter in self.description.get("Parameters", [])}

    def output(self, name):
        """The value of an output, if there is one."""
        outputs = {output["OutputKey"]: output["OutputValue"] for output in self.description.get("Outputs", [])}
        return outputs.get(name)

    def rolled_back_at(self):
        """When the last update began, if it was undone."""
        is_undone = self.description.get("StackStatus") == "UPDATE_ROLLBACK_COMPLETE"
        return self.description.get("LastUpdatedTime") if is_undone else None
