/** Tokens, policies and tags, as the API of the stand-in for CodeArtifact gives and takes them. */
import * as v from 'valibot';
import { bodyOf, domainOf, repositoryOf, required, seconds, type ApiCall, type Operation } from './api-call.ts';
import type { Domain, Repository } from './model.ts';
import { conflict, denied, invalid, missing } from './problem.ts';
import { nextRevision } from './state.ts';

const policyFields = v.object({ policyDocument: v.string(), policyRevision: v.optional(v.string()) });
const tag = v.object({ key: v.string(), value: v.string() });

export const accessOperations: Record<string, Operation> = {
  GetAuthorizationToken(call) {
    const domain = domainOf(call);
    const duration = Number(call.query.get('duration') ?? 43_200);
    if (duration !== 0 && !(duration >= 900 && duration <= 43_200)) {
      throw invalid('durationSeconds must be 0 or between 900 and 43200');
    }
    // Asked for behind the call's back: https://docs.aws.amazon.com/codeartifact/latest/ug/tokens-authentication.html
    if (call.state.isDenied('sts:GetServiceBearerToken', '*')) {
      throw denied(call.account, 'sts:GetServiceBearerToken', '*');
    }
    // 0 is as long as the caller's own session, which nobody knows here.
    const { value, expires } = call.tokens.issue(domain, call.account, duration || 3600);
    return { body: { authorizationToken: value, expiration: seconds(expires) } };
  },

  GetDomainPermissionsPolicy: (call) => read(domainOf(call)),
  GetRepositoryPermissionsPolicy: (call) => read(repositoryOf(call)),
  async PutDomainPermissionsPolicy(call) {
    const fields = v.object({ domain: v.string(), domainOwner: v.optional(v.string()), ...policyFields.entries });
    const { domain, domainOwner, ...policy } = await bodyOf(call, fields);
    if (domainOwner !== undefined) call.query.set('domain-owner', domainOwner);
    return put(domainOf(call, domain), policy);
  },
  PutRepositoryPermissionsPolicy: async (call) => put(repositoryOf(call), await bodyOf(call, policyFields)),
  DeleteDomainPermissionsPolicy: (call) => remove(domainOf(call)),
  DeleteRepositoryPermissionsPolicy: (call) => remove(repositoryOf(call)),

  ListTagsForResource: (call) => ({ body: { tags: tagged(call).tags } }),
  async TagResource(call) {
    const { tags } = await bodyOf(call, v.object({ tags: v.array(tag) }));
    const resource = tagged(call);
    resource.tags = [...resource.tags.filter(({ key }) => !tags.some((one) => one.key === key)), ...tags];
    return { body: {} };
  },
  async UntagResource(call) {
    const { tagKeys } = await bodyOf(call, v.object({ tagKeys: v.array(v.string()) }));
    const resource = tagged(call);
    resource.tags = resource.tags.filter(({ key = '' }) => !tagKeys.includes(key));
    return { body: {} };
  },
};

function read({ arn, name, policy }: Domain | Repository) {
  if (!policy) throw missing('repository', name, 'the list of resources that have a policy');
  return { body: { policy: { resourceArn: arn, ...policy } } };
}

function put(resource: Domain | Repository, { policyDocument, policyRevision }: v.InferOutput<typeof policyFields>) {
  if (policyRevision !== undefined && policyRevision !== resource.policy?.revision) {
    throw conflict('repository', resource.name, 'The policy has another revision.');
  }
  resource.policy = { document: policyDocument, revision: nextRevision() };
  return read(resource);
}

function remove(resource: Domain | Repository) {
  const answer = read(resource);
  resource.policy = undefined;
  return answer;
}

function tagged(call: ApiCall): Domain | Repository {
  const arn = required(call, 'resourceArn');
  for (const domain of call.state.domains) {
    if (domain.arn === arn) return domain;
    for (const repository of domain.repositories.values()) if (repository.arn === arn) return repository;
  }
  throw missing('repository', arn);
}
