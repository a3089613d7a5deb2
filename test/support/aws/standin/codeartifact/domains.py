"""Domains and repositories, their tags and policies."""

import os
import time

from .. import settings
from .store import Handlers, Json, Problem, Repository, Request, arn_of, domains, missing, repositories, tags


def _create_domain(request: Request) -> Json:
    name = request.query["domain"]
    if (request.region, name) in domains:
        raise Problem("ConflictException", f"Domain {name} already exists", 409)
    arn = arn_of(request.region, f"domain/{name}")
    default_key = f"arn:aws:kms:{request.region}:{settings.ACCOUNT}:key/aws-codeartifact"
    domains[request.region, name] = {
        "name": name,
        "owner": settings.ACCOUNT,
        "arn": arn,
        "status": "Active",
        "createdTime": time.time(),
        "encryptionKey": request.json.get("encryptionKey") or default_key,
        "assetSizeBytes": 0,
        "s3BucketArn": f"arn:aws:s3:::assets-{settings.ACCOUNT}-{request.region}",
    }
    tags[arn] = request.json.get("tags") or []
    return _describe_domain(request)


def _describe_domain(request: Request) -> Json:
    domain = request.domain()
    return {"domain": {**domain, "repositoryCount": len(_in_domain(request.region, domain["name"]))}}


def _delete_domain(request: Request) -> Json:
    described = _describe_domain(request)
    if described["domain"]["repositoryCount"]:
        raise Problem("ConflictException", "The domain still has repositories", 409)
    del domains[request.region, request.query["domain"]]
    return described


def _list_domains(request: Request) -> Json:
    fields = ("name", "owner", "arn", "status", "createdTime", "encryptionKey")
    ours = [domain for (region, _), domain in sorted(domains.items()) if region == request.region]
    return request.page("domains", [{k: domain[k] for k in fields} for domain in ours])


def _in_domain(region: str, domain: str | None) -> list[Json]:
    fields = ("name", "administratorAccount", "domainName", "domainOwner", "arn", "createdTime")
    found = [
        r.description for (at, in_, _), r in sorted(repositories.items()) if at == region and domain in (None, in_)
    ]
    return [{k: description[k] for k in fields} for description in found]


def _create_repository(request: Request) -> Json:
    request.domain()
    domain, name = request.query["domain"], request.query["repository"]
    if (request.region, domain, name) in repositories:
        raise Problem("ConflictException", f"Repository {name} already exists", 409)
    arn = arn_of(request.region, f"repository/{domain}/{name}")
    description = {
        "name": name,
        "administratorAccount": settings.ACCOUNT,
        "domainName": domain,
        "domainOwner": settings.ACCOUNT,
        "arn": arn,
        "description": request.json.get("description"),
        "upstreams": request.json.get("upstreams") or [],
        "externalConnections": [],
        "createdTime": time.time(),
    }
    repositories[request.region, domain, name] = Repository(description)
    tags[arn] = request.json.get("tags") or []
    return {"repository": description}


def _update_repository(request: Request) -> Json:
    description = request.repository().description
    description |= {k: request.json[k] for k in ("description", "upstreams") if k in request.json}
    return {"repository": description}


def _delete_repository(request: Request) -> Json:
    description = request.repository().description
    del repositories[request.region, description["domainName"], description["name"]]
    return {"repository": description}


def _connect(request: Request) -> Json:
    name = request.query["external-connection"]
    package_format = name.partition(":")[2].replace("npmjs", "npm").replace("maven-central", "maven")
    connection = {"externalConnectionName": name, "packageFormat": package_format, "status": "AVAILABLE"}
    request.repository().description["externalConnections"].append(connection)
    return {"repository": request.repository().description}


def _disconnect(request: Request) -> Json:
    description = request.repository().description
    name = request.query["external-connection"]
    kept = [c for c in description["externalConnections"] if c["externalConnectionName"] != name]
    description["externalConnections"] = kept
    return {"repository": description}


def _endpoint(request: Request) -> Json:
    request.repository()
    variable = f"LOCAL_AWS_CODEARTIFACT_{request.query['format'].upper()}"
    base = os.environ.get(variable, f"{settings.endpoint}/_local/codeartifact-{request.query['format']}")
    return {"repositoryEndpoint": f"{base.rstrip('/')}/{request.query['repository']}/"}


def _tag(request: Request) -> Json:
    arn, new = request.query["resourceArn"], request.json["tags"]
    keys = {tag["key"] for tag in new}
    tags[arn] = [tag for tag in tags.get(arn, []) if tag["key"] not in keys] + new
    return {}


def _untag(request: Request) -> Json:
    arn, keys = request.query["resourceArn"], request.json["tagKeys"]
    tags[arn] = [tag for tag in tags.get(arn, []) if tag["key"] not in keys]
    return {}


def _no_policy(_: Request) -> Json:
    raise missing("A permissions policy")


HANDLERS: Handlers = {
    ("POST", "domain"): _create_domain,
    ("GET", "domain"): _describe_domain,
    ("DELETE", "domain"): _delete_domain,
    ("POST", "domains"): _list_domains,
    ("POST", "repository"): _create_repository,
    ("GET", "repository"): lambda request: {"repository": request.repository().description},
    ("PUT", "repository"): _update_repository,
    ("DELETE", "repository"): _delete_repository,
    ("POST", "repositories"): lambda request: request.page("repositories", _in_domain(request.region, None)),
    ("POST", "domain/repositories"): lambda request: request.page(
        "repositories", _in_domain(request.region, request.domain()["name"])
    ),
    ("POST", "repository/external-connection"): _connect,
    ("DELETE", "repository/external-connection"): _disconnect,
    ("GET", "repository/endpoint"): _endpoint,
    ("POST", "authorization-token"): lambda _: {"authorizationToken": "local-token", "expiration": time.time() + 43200},
    ("POST", "tags"): lambda request: {"tags": tags.get(request.query["resourceArn"], [])},
    ("POST", "tag"): _tag,
    ("POST", "untag"): _untag,
    ("GET", "domain/permissions/policy"): _no_policy,
    ("GET", "repository/permissions/policy"): _no_policy,
}
