/** Domains, as the API of the stand-in for CodeArtifact makes and shows them. */
import * as v from 'valibot';
import { bodyOf, domainOf, page, required, seconds, type ApiCall, type Operation } from './api-call.ts';
import type { Domain } from './model.ts';
import { conflict } from './problem.ts';
import { SortedMap } from './sorted-map.ts';

export const tagList = v.optional(v.array(v.object({ key: v.string(), value: v.string() })), []);

const paging = v.object({ maxResults: v.optional(v.number()), nextToken: v.optional(v.string()) });

export const domainOperations: Record<string, Operation> = {
  async CreateDomain(call) {
    const { encryptionKey, tags } = await bodyOf(
      call,
      v.object({ encryptionKey: v.optional(v.string()), tags: tagList }),
    );
    const name = required(call, 'domain');
    const place = { region: call.region, owner: call.account };
    if (
      call.state.domains.some((one) => one.name === name && one.region === place.region && one.owner === place.owner)
    ) {
      throw conflict('domain', name, `Domain '${name}' already exists.`);
    }
    const made = call.state.addDomain(name, { ...place, ...(encryptionKey !== undefined && { encryptionKey }) });
    made.tags = tags;
    return { body: { domain: described(made) } };
  },

  DescribeDomain: (call) => ({ body: { domain: described(domainOf(call)) } }),

  DeleteDomain(call) {
    const domain = domainOf(call);
    if (domain.repositories.size > 0) throw conflict('domain', domain.name, 'The domain still has repositories.');
    call.state.deleteDomain(domain);
    return { body: { domain: { ...described(domain), status: 'Deleted' } } };
  },

  async ListDomains(call) {
    const wanted = await bodyOf(call, paging);
    const { maxResults = call.state.pageSize, nextToken } = wanted;
    return { body: page(call, 'domains', ownDomains(call), summary, { maxResults, nextToken }) };
  },
};

/** Only the caller's own; AWS shows no domains of others, even where their policy lets one in. */
function ownDomains({ state, region, account }: ApiCall): SortedMap<Domain> {
  const own = new SortedMap<Domain>();
  for (const domain of state.domains) {
    if (domain.region === region && domain.owner === account) own.set(domain.name, domain);
  }
  return own;
}

function summary({ name, owner, arn, createdAt, encryptionKey }: Domain) {
  return { name, owner, arn, status: 'Active', createdTime: seconds(createdAt), encryptionKey };
}

function described(domain: Domain) {
  let assetSizeBytes = 0;
  for (const repository of domain.repositories.values()) {
    for (const { versions } of repository.packages.values()) {
      for (const { assets } of versions.values()) for (const { size } of assets.values()) assetSizeBytes += size;
    }
  }
  const s3BucketArn = `arn:aws:s3:::assets-${domain.owner}-${domain.region}`;
  return { ...summary(domain), repositoryCount: domain.repositories.size, assetSizeBytes, s3BucketArn };
}
