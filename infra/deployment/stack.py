"""A stack as CloudFormation describes it."""

from botocore.exceptions import ClientError


class Stack:
    """A stack by a session of boto3, as it is now; empty before the first deploy."""

    def __init__(self, session, name):
        self.description = {}
        self.region = session.region_name
        try:
            self.description = session.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
        except ClientError as error:
            if "does not exist" not in str(error):
                raise

    def kept_parameters(self):
        """The names of the parameters that a deploy can leave as they are; none before the first deploy."""
        return set(self.parameters())

    def parameters(self):
        """Its parameters' values by their names; none before the first deploy."""
        if self.description.get("StackStatus") == "REVIEW_IN_PROGRESS":
            return {}
        return {parameter["ParameterKey"]: parameter.get("ParameterValue") for parameter in self.description.get("Parameters", [])}

    def refusal(self, given):
        """Why a deploy with these parameters would fail after minutes of building, if it would."""
        if self.description.get("StackStatus") in ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED"):
            name = self.description["StackName"]
            return (
                f"the first deploy of {name} has failed, and CloudFormation updates no such stack. `aws cloudformation describe-stack-events` says why. "
                f"Run `.local/sam/bin/sam delete --stack-name {name} --region {self.region}` with the AWS profile of the deploy, delete the tables that are left of it, which nobody has used, and deploy again"
            )
        before = self.parameters()
        if given.get("GradualDeployment", before.get("GradualDeployment")) == "true" and before.get("Monitoring") != "full":
            return "GradualDeployment=true needs the alarms of Monitoring=full: deploy with that first, then with both"
        return None

    def warnings(self, given):
        """What a deploy with these parameters, or those that it keeps, leaves without effect."""
        values = self.parameters() | given
        warnings = []
        if not values.get("AlarmEmail") and not values.get("AlarmTopicArn"):
            warnings.append("alarms tell nobody: AlarmEmail and AlarmTopicArn are empty")
        if values.get("MonthlyBudget", "0") != "0" and not values.get("AlarmEmail"):
            warnings.append("MonthlyBudget tells nobody: AlarmEmail is empty")
        return warnings

    def output(self, name):
        """The value of an output, if there is one."""
        outputs = {output["OutputKey"]: output["OutputValue"] for output in self.description.get("Outputs", [])}
        return outputs.get(name)

    def rolled_back_at(self):
        """When the last update began, if it was undone."""
        is_undone = self.description.get("StackStatus") == "UPDATE_ROLLBACK_COMPLETE"
        return self.description.get("LastUpdatedTime") if is_undone else None
