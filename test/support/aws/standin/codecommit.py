"""CodeCommit's control plane.

moto creates, gets and deletes repositories, with dates of a type that clients refuse; it lists nothing and
knows no branches or tags. What the repositories hold is served by a Git server of the tests: where
LOCAL_AWS_CODECOMMIT_FOLDER names a folder, its bare repositories (one for each name) tell the branches.
"""

import json
import os
import re
import subprocess
import time
import uuid
from pathlib import Path
from typing import Any

from moto.codecommit.exceptions import (
    InvalidRepositoryNameException,
    RepositoryDoesNotExistException,
    RepositoryNameExistsException,
)
from moto.codecommit.responses import CodeCommitResponse
from moto.core.exceptions import JsonRESTError
from moto.kms.models import kms_backends

from . import calls, settings
from .local_api import route
from .principals import secret_of, who

Json = dict[str, Any]
_repositories: dict[tuple[str, str], Json] = {}
"""By region and name."""
_tags: dict[str, dict[str, str]] = {}
_triggers: dict[str, list[Json]] = {}
_associated: dict[str, list[str]] = {}
"""Names of templates, by the id of the repository."""
_templates: dict[tuple[str, str], Json] = {}
"""By region and name."""
_folder = os.environ.get("LOCAL_AWS_CODECOMMIT_FOLDER")
_PAGE = 1000


def install() -> None:
    for respond in (
        create_repository,
        get_repository,
        batch_get_repositories,
        list_repositories,
        update_repository_description,
        update_default_branch,
        delete_repository,
        list_branches,
        get_branch,
        list_tags_for_resource,
        tag_resource,
        untag_resource,
        put_repository_triggers,
        get_repository_triggers,
        create_approval_rule_template,
        get_approval_rule_template,
        delete_approval_rule_template,
        associate_approval_rule_template_with_repository,
        list_associated_approval_rule_templates_for_repository,
    ):
        setattr(CodeCommitResponse, respond.__name__, respond)


def _note_git(access: str) -> dict[str, str]:
    """What the Git server of the tests was asked for: `<access key>:GitPull:<region>:<repository>`."""
    key, action, region, name = access.split(":")
    principal = who(key)
    if principal.role:
        calls.note(principal.role, principal.via, f"codecommit:{action}", f"arn:aws:codecommit:{region}:{settings.ACCOUNT}:{name}")
    return {}


route("POST", "codecommit-git/*", _note_git)
route("GET", "keys/*", secret_of)


def _input(response: CodeCommitResponse) -> Json:
    return json.loads(response.body)


def _named(response: CodeCommitResponse) -> Json:
    name = _input(response)["repositoryName"]
    if (response.region, name) not in _repositories:
        raise RepositoryDoesNotExistException(name)
    problem = _key_problem(_repositories[response.region, name])
    if problem:
        raise JsonRESTError(*problem)
    return _repositories[response.region, name]


def _key_problem(metadata: Json) -> tuple[str, str] | None:
    """The error that stands for all use of a repository whose KMS key cannot be used."""
    backend = kms_backends[settings.ACCOUNT][metadata["Arn"].split(":")[3]]
    key = backend.keys.get(metadata.get("kmsKeyId", "").rpartition("/")[2])
    if key is None or key.enabled:
        return None
    return "EncryptionKeyDisabledException", "The encryption key is disabled"


def _described(metadata: Json) -> Json:
    head = _git(metadata["repositoryName"], "symbolic-ref", "--short", "HEAD")
    exists = head and _git(metadata["repositoryName"], "rev-parse", "--verify", "--quiet", f"refs/heads/{head}")
    found = {"defaultBranch": head} if exists else {}
    return {**found, **metadata}


def _git(name: str, *arguments: str) -> str:
    """Empty where there is no such repository or the command fails."""
    for candidate in (name, f"{name}.git"):
        path = Path(_folder or "") / candidate
        if _folder and path.is_dir():
            result = subprocess.run(["git", "-C", str(path), *arguments], capture_output=True, text=True)
            return result.stdout.strip() if result.returncode == 0 else ""
    return ""


def create_repository(self: CodeCommitResponse) -> str:
    given = _input(self)
    name = given["repositoryName"]
    if not re.fullmatch(r"[\w.-]{1,100}", name) or name.endswith(".git"):
        raise InvalidRepositoryNameException()
    if (self.region, name) in _repositories:
        raise RepositoryNameExistsException(name)
    now = time.time()
    metadata = {
        "accountId": settings.ACCOUNT,
        "repositoryId": str(uuid.uuid4()),
        "repositoryName": name,
        "creationDate": now,
        "lastModifiedDate": now,
        "cloneUrlHttp": f"https://git-codecommit.{self.region}.amazonaws.com/v1/repos/{name}",
        "cloneUrlSsh": f"ssh://git-codecommit.{self.region}.amazonaws.com/v1/repos/{name}",
        "Arn": f"arn:aws:codecommit:{self.region}:{settings.ACCOUNT}:{name}",
    }
    for field in ("repositoryDescription", "kmsKeyId"):
        if given.get(field):
            metadata[field] = given[field]
    _repositories[self.region, name] = metadata
    _tags[metadata["Arn"]] = dict(given.get("tags") or {})
    return json.dumps({"repositoryMetadata": _described(metadata)})


def get_repository(self: CodeCommitResponse) -> str:
    return json.dumps({"repositoryMetadata": _described(_named(self))})


def batch_get_repositories(self: CodeCommitResponse) -> str:
    names = _input(self)["repositoryNames"]
    if len(names) > 100:
        raise JsonRESTError("MaximumRepositoryNamesExceededException", "at most 100 repository names")
    there = [_repositories[self.region, name] for name in names if (self.region, name) in _repositories]
    problems = [(one, _key_problem(one)) for one in there]
    found = [_described(one) for one, problem in problems if not problem]
    errors = [
        {
            "repositoryId": one["repositoryId"],
            "repositoryName": one["repositoryName"],
            "errorCode": problem[0],
            "errorMessage": problem[1],
        }
        for one, problem in problems
        if problem
    ]
    missing = [name for name in names if (self.region, name) not in _repositories]
    return json.dumps({"repositories": found, "repositoriesNotFound": missing, "errors": errors})


def list_repositories(self: CodeCommitResponse) -> str:
    given = _input(self)
    ours = [metadata for (region, _), metadata in _repositories.items() if region == self.region]
    field = given.get("sortBy") or "repositoryName"
    ours.sort(key=lambda metadata: metadata[field], reverse=given.get("order") == "descending")
    start = int(given.get("nextToken") or 0)
    page = ours[start : start + _PAGE]
    answer: Json = {"repositories": [{k: m[k] for k in ("repositoryName", "repositoryId")} for m in page]}
    if start + _PAGE < len(ours):
        answer["nextToken"] = str(start + _PAGE)
    return json.dumps(answer)


def update_repository_description(self: CodeCommitResponse) -> str:
    _named(self)["repositoryDescription"] = _input(self).get("repositoryDescription", "")
    return "{}"


def update_default_branch(self: CodeCommitResponse) -> str:
    _named(self)["defaultBranch"] = _input(self)["defaultBranchName"]
    return "{}"


def delete_repository(self: CodeCommitResponse) -> str:
    metadata = _repositories.pop((self.region, _input(self)["repositoryName"]), None)
    return json.dumps({"repositoryId": metadata["repositoryId"]} if metadata else {})


def list_branches(self: CodeCommitResponse) -> str:
    names = _git(_named(self)["repositoryName"], "for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads/")
    return json.dumps({"branches": names.splitlines()})


def get_branch(self: CodeCommitResponse) -> str:
    metadata, branch = _named(self), _input(self)["branchName"]
    commit = _git(metadata["repositoryName"], "rev-parse", "--verify", "--quiet", f"refs/heads/{branch}")
    if not commit:
        raise JsonRESTError("BranchDoesNotExistException", f"Branch {branch} does not exist")
    return json.dumps({"branch": {"branchName": branch, "commitId": commit}})


def list_tags_for_resource(self: CodeCommitResponse) -> str:
    return json.dumps({"tags": _tags.get(_input(self)["resourceArn"], {})})


def tag_resource(self: CodeCommitResponse) -> str:
    given = _input(self)
    _tags.setdefault(given["resourceArn"], {}).update(given["tags"])
    return "{}"


def untag_resource(self: CodeCommitResponse) -> str:
    given = _input(self)
    for key in given["tagKeys"]:
        _tags.get(given["resourceArn"], {}).pop(key, None)
    return "{}"


def put_repository_triggers(self: CodeCommitResponse) -> str:
    _triggers[_named(self)["repositoryId"]] = _input(self)["triggers"]
    return json.dumps({"configurationId": str(uuid.uuid4())})


def get_repository_triggers(self: CodeCommitResponse) -> str:
    return json.dumps({"triggers": _triggers.get(_named(self)["repositoryId"], [])})


def create_approval_rule_template(self: CodeCommitResponse) -> str:
    given = _input(self)
    fields = ("approvalRuleTemplateName", "approvalRuleTemplateDescription", "approvalRuleTemplateContent")
    template = {field: given[field] for field in fields if field in given}
    if (self.region, template["approvalRuleTemplateName"]) in _templates:
        raise JsonRESTError("ApprovalRuleTemplateNameAlreadyExistsException", "there is one of this name")
    _templates[self.region, template["approvalRuleTemplateName"]] = template
    return json.dumps({"approvalRuleTemplate": template})


def _template(response: CodeCommitResponse) -> Json:
    name = _input(response)["approvalRuleTemplateName"]
    if (response.region, name) not in _templates:
        raise JsonRESTError("ApprovalRuleTemplateDoesNotExistException", f"there is no template {name}")
    return _templates[response.region, name]


def get_approval_rule_template(self: CodeCommitResponse) -> str:
    return json.dumps({"approvalRuleTemplate": _template(self)})


def delete_approval_rule_template(self: CodeCommitResponse) -> str:
    """Only one that belongs to no repository can be deleted, which is not looked at here."""
    _templates.pop((self.region, _template(self)["approvalRuleTemplateName"]))
    return "{}"


def associate_approval_rule_template_with_repository(self: CodeCommitResponse) -> str:
    _associated.setdefault(_named(self)["repositoryId"], []).append(_template(self)["approvalRuleTemplateName"])
    return "{}"


def list_associated_approval_rule_templates_for_repository(self: CodeCommitResponse) -> str:
    return json.dumps({"approvalRuleTemplateNames": _associated.get(_named(self)["repositoryId"], [])})
