import * as v from 'valibot';
import type { Dataset, RecordSink } from '../../records.ts';
import { refuseOther, type AccountPlace } from './account-place.ts';
import { gistCommentsQuery, gistNamesQuery, gistsQuery } from './account-queries.ts';
import { graphqlVersion } from './api-versions.ts';
import { allNodes, nodesOf } from './connections.ts';
import { NewestFirst } from './newest-first.ts';
import type { RecordsApi } from './records-api.ts';
import { unlessRefused } from './refusal.ts';
import { connection, property, shaped, timed } from './shapes.ts';

const gistName = v.pipe(v.string(), v.regex(/^[\w-]+$/, 'must be the name of a gist'));
const named = v.object({ name: gistName });
const gistSchema = v.looseObject({ id: v.string(), name: gistName, ...timed.entries, comments: connection });
const commentId = v.object({ id: v.string(), databaseId: v.nullish(v.number()) });

const types = { gist: 'gist', comment: 'gist-comment' } as const;

/** So many come in one request, each with up to 50 comments. */
const atOnce = 50;

/**
 * What GitHub says of the gists of a user, newest first until the watermark, each with its comments. Pushes and comments
 * move the time of a gist. Their content is in items of their own.
 */
export class GistsDataset implements Dataset {
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
        for (const type of Object.values(types)) sink.omit(type, why);
      },
    );
  }

  async #read(sink: RecordSink): Promise<void> {
    const { login, id } = this.#place;
    const read = new NewestFirst(sink, types.gist);
    const nodes = nodesOf({
      api: this.#api,
      query: gistsQuery,
      variables: { login },
      what: `the gists of ${login}`,
      length: atOnce,
      at: (data) => {
        const user = property(data, 'user');
        refuseOther(property(user, 'databaseId'), id, login);
        return property(user, 'gists');
      },
    });
    for await (const node of nodes) {
      const { comments, ...record } = shaped(gistSchema, node, 'a gist');
      const { name, updatedAt: at } = record;
      if (read.wasRead(at)) break;
      const key = `gists/${name}`;
      const isNews = await sink.put({ type: types.gist, key, api: graphqlVersion, record, at });
      if (!isNews && !sink.reconcile) continue;
      const further = {
        api: this.#api,
        query: gistCommentsQuery,
        variables: { id: record.id },
        what: `the comments of the gist ${name}`,
      };
      for (const comment of await allNodes(comments, further)) {
        const { id: node, databaseId } = shaped(commentId, comment, 'a comment');
        const own = `${key}/comments/${databaseId ?? encodeURIComponent(node)}`;
        await sink.put({ type: types.comment, key: own, api: graphqlVersion, record: comment });
      }
      sink.whole(types.comment, key);
    }
    if (sink.reconcile) sink.whole(types.gist);
    read.end();
    for (const type of Object.values(types)) sink.done(type);
  }
}

/** The names of all gists of a user that the credential sees. */
export async function* gistNames(api: RecordsApi, login: string): AsyncGenerator<string> {
  const nodes = nodesOf({
    api,
    query: gistNamesQuery,
    variables: { login },
    what: `the gists of ${login}`,
    length: 100,
    at: (data) => property(property(data, 'user'), 'gists'),
  });
  for await (const node of nodes) yield shaped(named, node, 'a gist').name;
}

const starredGist = v.object({ id: gistName });

/** The names of all gists that the credential's user has starred. */
export async function* starredGistNames(api: RecordsApi): AsyncGenerator<string> {
  for await (const gist of api.list('/gists/starred', 'the starred gists'))
    yield shaped(starredGist, gist, 'a gist').id;
}
