import * as v from 'valibot';
import type { Dataset, RecordSink } from '../../records.ts';
import { refuseOther, type AccountPlace } from './account-place.ts';
import { projectItemsQuery, projectsQuery } from './account-queries.ts';
import { graphqlVersion } from './api-versions.ts';
import { nodesOf } from './connections.ts';
import { NewestFirst } from './newest-first.ts';
import type { RecordsApi } from './records-api.ts';
import { unlessRefused } from './refusal.ts';
import { numbered, property, shaped, timed } from './shapes.ts';

const projectSchema = v.looseObject({ id: v.string(), ...numbered.entries, ...timed.entries });
const itemId = v.object({ id: v.string(), fullDatabaseId: v.nullish(v.union([v.string(), v.number()])) });

const types = { project: 'project', item: 'project-item' } as const;

/** Each with up to 50 views, of which each has several lists. */
const projectsAtOnce = 10;

/** Projects of the second version, newest first until the watermark, each with what stands in it. */
export class ProjectsDataset implements Dataset {
  readonly #api: RecordsApi;
  readonly #place: AccountPlace;

  constructor(api: RecordsApi, place: AccountPlace) {
    this.#api = api;
    this.#place = place;
  }

  async read(sink: RecordSink): Promise<void> {
    await unlessRefused(
      () => this.#read(sink),
      (why) => {
        for (const type of Object.values(types))
          sink.omit(type, why.startsWith('the token lacks') ? why : `${why} (it takes organization_projects:read)`);
      },
    );
  }

  async #read(sink: RecordSink): Promise<void> {
    const { login, id } = this.#place;
    const read = new NewestFirst(sink, types.project);
    const nodes = nodesOf({
      api: this.#api,
      query: projectsQuery,
      variables: { login },
      what: `the projects of ${login}`,
      length: projectsAtOnce,
      at: (data) => {
        const owner = property(data, 'owner');
        refuseOther(property(owner, 'databaseId'), id, login);
        return property(owner, 'projectsV2');
      },
    });
    for await (const record of nodes) {
      const { id: node, number, updatedAt: at } = shaped(projectSchema, record, 'a project');
      if (read.wasRead(at)) break;
      const key = `projects/${number}`;
      const isNews = await sink.put({ type: types.project, key, api: graphqlVersion, record, at });
      if (isNews || sink.reconcile) await this.#items(sink, key, node);
    }
    if (sink.reconcile) sink.whole(types.project);
    read.end();
    for (const type of Object.values(types)) sink.done(type);
  }

  async #items(sink: RecordSink, key: string, id: string): Promise<void> {
    const nodes = nodesOf({
      api: this.#api,
      query: projectItemsQuery,
      variables: { id },
      what: `the items of the project ${this.#place.login}/${key}`,
      length: 100,
      at: (data) => property(property(data, 'project'), 'items'),
    });
    for await (const record of nodes) {
      const { id: node, fullDatabaseId } = shaped(itemId, record, 'an item of a project');
      const own = `${key}/items/${fullDatabaseId ?? encodeURIComponent(node)}`;
      await sink.put({ type: types.item, key: own, api: graphqlVersion, record });
    }
    sink.whole(types.item, key);
  }
}
