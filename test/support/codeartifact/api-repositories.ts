/** Repositories, as the API of the stand-in for CodeArtifact makes, changes and shows them. */
import * as v from 'valibot';
import {
  bodyOf,
  domainOf,
  formatOf,
  page,
  repositoryOf,
  required,
  seconds,
  type ApiCall,
  type Operation,
} from './api-call.ts';
import { tagList } from './api-domains.ts';
import type { Repository } from './model.ts';
import { conflict, invalid, missing } from './problem.ts';
import { SortedMap } from './sorted-map.ts';

const upstreams = v.optional(v.array(v.object({ repositoryName: v.string() })));

/** Names of external connections → the format of what they bring. */
const connections: Record<string, string> = {
  'public:npmjs': 'npm',
  'public:nuget-org': 'nuget',
  'public:pypi': 'pypi',
  'public:maven-central': 'maven',
  'public:maven-googleandroid': 'maven',
  'public:maven-gradleplugins': 'maven',
  'public:maven-commonsware': 'maven',
  'public:maven-clojars': 'maven',
  'public:ruby-gems-org': 'ruby',
  'public:crates-io': 'cargo',
};

export const repositoryOperations: Record<string, Operation> = {
  async CreateRepository(call) {
    const fields = v.object({ description: v.optional(v.string()), upstreams, tags: tagList });
    const { description, upstreams: wanted = [], tags } = await bodyOf(call, fields);
    const domain = domainOf(call);
    const name = required(call, 'repository');
    if (domain.repositories.get(name)) throw conflict('repository', name, `Repository '${name}' already exists.`);
    const names = upstreamNames(domain.repositories, wanted);
    const more = { administrator: call.account, description, upstreams: names, tags };
    return { body: { repository: described(call.state.addRepository(domain, name, more)) } };
  },

  DescribeRepository: (call) => ({ body: { repository: described(repositoryOf(call)) } }),

  async UpdateRepository(call) {
    const changes = await bodyOf(call, v.object({ description: v.optional(v.string()), upstreams }));
    const repository = repositoryOf(call);
    if (changes.upstreams) repository.upstreams = upstreamNames(repository.domain.repositories, changes.upstreams);
    repository.description = changes.description ?? repository.description;
    return { body: { repository: described(repository) } };
  },

  DeleteRepository(call) {
    const repository = repositoryOf(call);
    call.state.deleteRepository(repository);
    return { body: { repository: described(repository) } };
  },

  ListRepositoriesInDomain(call) {
    const administrator = call.query.get('administrator-account');
    const { repositories } = domainOf(call);
    const body = page(call, 'repositories', repositories, (one) =>
      administrator === null || one.administrator === administrator ? listed(call, one) : undefined,
    );
    return { body };
  },

  ListRepositories(call) {
    const own = new SortedMap<Repository>();
    for (const domain of call.state.domains) {
      if (domain.region !== call.region) continue;
      for (const one of domain.repositories.values()) {
        if (one.administrator === call.account) own.set(`${domain.name}/${domain.owner}/${one.name}`, one);
      }
    }
    return { body: page(call, 'repositories', own, (one) => listed(call, one)) };
  },

  AssociateExternalConnection(call) {
    const repository = repositoryOf(call);
    const name = required(call, 'external-connection');
    if (!(name in connections)) throw invalid(`'${name}' is not an external connection`);
    if (repository.externalConnections.length > 0) {
      throw conflict('repository', repository.name, 'A repository can have one external connection.');
    }
    repository.externalConnections = [name];
    return { body: { repository: described(repository) } };
  },

  DisassociateExternalConnection(call) {
    const repository = repositoryOf(call);
    const name = required(call, 'external-connection');
    if (!repository.externalConnections.includes(name)) throw missing('repository', name);
    repository.externalConnections = [];
    return { body: { repository: described(repository) } };
  },

  GetRepositoryEndpoint: (call) => ({
    body: { repositoryEndpoint: endpointOf(call.origin, repositoryOf(call), formatOf(call)) },
  }),
};

/** What AWS puts into the host's name, domain, owner and region, is part of the path here. */
export function endpointOf(origin: string, { domain, name }: Repository, format: string): string {
  return `${origin}/registry/${domain.name}-${domain.owner}.${domain.region}/${format}/${name}/`;
}

function upstreamNames(repositories: SortedMap<Repository>, wanted: { repositoryName: string }[]): string[] {
  for (const { repositoryName } of wanted) {
    if (!repositories.get(repositoryName)) throw missing('repository', repositoryName);
  }
  return wanted.map(({ repositoryName }) => repositoryName);
}

function listed({ query }: ApiCall, repository: Repository) {
  return repository.name.startsWith(query.get('repository-prefix') ?? '') ? summary(repository) : undefined;
}

function summary({ name, administrator, domain, arn, description, createdAt }: Repository) {
  return {
    name,
    administratorAccount: administrator,
    domainName: domain.name,
    domainOwner: domain.owner,
    arn,
    ...(description !== undefined && { description }),
    createdTime: seconds(createdAt),
  };
}

function described(repository: Repository) {
  return {
    ...summary(repository),
    upstreams: repository.upstreams.map((repositoryName) => ({ repositoryName })),
    externalConnections: repository.externalConnections.map((name) => {
      return { externalConnectionName: name, packageFormat: connections[name], status: 'Available' };
    }),
  };
}
