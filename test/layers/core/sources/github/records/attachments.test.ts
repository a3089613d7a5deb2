import { buffer } from 'node:stream/consumers';
import { expect } from 'chai';
import { gitHubAddresses } from '#core/sources/github/addresses.ts';
import { addressesOfAttachments, isStorage } from '#core/sources/github/records/attachment-addresses.ts';
import { filesOf } from '#core/records/read-records.ts';
import { HttpClient } from '#core/runtime/http.ts';
import { Collection } from '#core/records/backup/collection.ts';
import { Attachments } from '#core/sources/github/records/attachments.ts';
import { AttachmentReader } from '#core/sources/github/records/attachment-reader.ts';
import { Credential } from '#core/sources/hosting/credential.ts';
import { fixedToken } from '#core/sources/hosting/token.ts';
import { useTemporaryFolders } from '../../../../../support/repositories.ts';
import { failureOf, token } from '../stage.ts';
import { RecordsStage } from './stage.ts';

const image = '/user-attachments/assets/0a1b2c3d-0000-4000-8000-000000000001';
const document = '/user-attachments/files/17/report.pdf';
const old = '/acme/api/assets/583231/0a1b2c3d-0000-4000-8000-000000000002';

describe('attachments of texts at GitHub', () => {
  describe('their addresses', () => {
    const found = (text: string, api?: string) =>
      addressesOfAttachments(gitHubAddresses(api), text).map(({ href }) => href);

    it('are found in Markdown and HTML, in each form that GitHub gave them, each once', () => {
      const text = `![a](https://github.com${image}) and <img src="https://github.com${image}" width="1">
        [report.pdf](https://github.com${document}). See https://github.com${old}, or
        <https://github.com/acme/api/files/9/log%20one.txt?raw=1#top>
        ![b](https://user-images.githubusercontent.com/583231/1-0a1b.png)`;
      expect(found(text)).to.deep.equal([
        `https://github.com${image}`,
        `https://github.com${document}`,
        `https://github.com${old}`,
        'https://github.com/acme/api/files/9/log%20one.txt',
        'https://user-images.githubusercontent.com/583231/1-0a1b.png',
      ]);
    });

    it('are those of no other host and of no other page', () => {
      for (const address of [
        `https://github.com.example${image}`,
        `https://user:password@github.com${image}`,
        `https://github.com:8443${image}`,
        `http://github.com${image}`,
        `http://169.254.169.254${image}`,
        `https://example.com/?https://github.com`,
        `https://github.com/acme/api/blob/main/assets/1/logo.png`,
        `https://github.com/acme/api/pull/7/files/1/x`,
        `https://github.com${image}/../../../settings`,
        `https://private-user-images.githubusercontent.com/1/2.png?jwt=x`,
      ])
        expect(found(`![x](${address})`), address).to.deep.equal([]);
      expect(found(`![x](https://github.com${image})`, 'https://ghe.example/api/v3')).to.deep.equal([]);
      expect(found(`![x](https://ghe.example${image})`, 'https://ghe.example/api/v3')).to.have.length(1);
    });

    it('lead to storage hosts of GitHub alone', () => {
      const may = (address: string) => isStorage(gitHubAddresses(), new URL(address));
      for (const address of [
        'https://github-production-user-asset-6210df.s3.amazonaws.com/1/2.png?X-Amz-Signature=1',
        'https://private-user-images.githubusercontent.com/1/2.png?jwt=x',
        'https://objects.githubusercontent.com/1',
      ])
        expect(may(address), address).to.be.true;
      for (const address of [
        'https://github.com/login?return_to=x',
        'https://evil.s3.amazonaws.com/1',
        'https://githubusercontent.com.example/1',
        'https://evilgithubusercontent.com/1',
        'http://objects.githubusercontent.com/1',
        'https://objects.githubusercontent.com:8443/1',
        'http://127.0.0.1/latest/meta-data',
        'http://169.254.169.254/latest/meta-data',
      ])
        expect(may(address), address).to.be.false;
    });
  });

  describe('in a backup', () => {
    const temporaryFolder = useTemporaryFolders();
    let stage: RecordsStage;

    beforeEach(async function () {
      // The first one loads GitHub's schema, which is long.
      this.timeout(20_000);
      stage = await RecordsStage.start(await temporaryFolder());
      stage.github.attachments.set(image, { content: Buffer.from('an image'), isPrivate: true });
      stage.github.attachments.set(document, { content: Buffer.from('a report') });
    });

    afterEach(() => stage.github.close());

    const at = (path: string): string => stage.github.url + path;
    const idOf = (path: string): string => `attachments/127.0.0.1:${stage.github.port}${path}`;

    async function files(dataset: string, day: number): Promise<Record<string, string>> {
      const found = filesOf(await stage.manifest(dataset, day));
      return Object.fromEntries(found.map(({ id, key }) => [id, stage.vault.objects.get(key)!.content.toString()]));
    }

    it('are kept with the texts that name them, fetched once, without the token where GitHub sends on', async () => {
      const number = stage.content.openIssue('See', `![it](${at(image)})`);
      stage.content.comment(number, `[report](${at(document)}) and again ![it](${at(image)})`);
      await stage.backUp('issues', 1);
      expect(await files('issues', 1)).to.deep.equal({ [idOf(image)]: 'an image', [idOf(document)]: 'a report' });
      expect((await stage.manifest('issues', 1)).omitted).to.deep.equal([]);
      const asked = stage.github.attachmentRequests.length;
      expect(asked).to.equal(2);
      expect(await stage.backUp('issues', 2)).to.include({ outcome: 'unchanged' });
      stage.content.comment(number, `Once more: ${at(document)}`);
      await stage.backUp('issues', 3);
      await stage.backUp('issues', 10);
      expect(stage.github.attachmentRequests).to.have.length(asked);
      expect(Object.keys(await files('issues', 3))).to.have.length(2);
    });

    it('stay in a full snapshot, though only what has changed was read for it', async () => {
      stage.content.openIssue('See', `![it](${at(image)})`);
      await stage.backUp('issues', 1);
      // GitHub's clock goes on, so that the first is not among what is read again.
      stage.content.tick(3_600_000);
      stage.content.openIssue('Another');
      stage.chains = 1;
      expect(await stage.backUp('issues', 2)).to.include({ kind: 'full' });
      expect(await files('issues', 2)).to.deep.equal({ [idOf(image)]: 'an image' });
    });

    it('that are not given are named, cost nothing else, and are asked for again within a week', async () => {
      const gone = image.replace(/1$/, '9');
      stage.github.attachments.set(gone, { content: Buffer.from(''), sendsTo: 'http://example.com/secret' });
      stage.content.openIssue('See', `![it](${at(image)}) ![gone](${at(gone)})`);
      const limited = { token: fixedToken('ghs_app', 'the test') };
      stage.github.addToken('ghs_app', 'octo');
      expect(await stage.backUp('issues', 1, limited)).to.include({ outcome: 'stored' });
      expect(await files('issues', 1)).to.deep.equal({});
      const first = await stage.manifest('issues', 1);
      expect(first.omitted.map(({ what }) => what)).to.have.members([
        'attachment',
        ...[image, gone].map((path) => path.split('/').at(-1)!),
      ]);
      expect(first.omitted.find(({ what }) => gone.endsWith(what))?.why).to.include('is not given');
      expect(first.records?.types['issue']).to.include({ stored: 1, complete: true });
      await stage.backUp('issues', 2, limited);
      const why = `GitHub did not give 2 of those that texts refer to, such as 127.0.0.1:${stage.github.port}${image}`;
      expect((await stage.manifest('issues', 2)).omitted).to.deep.equal([{ what: 'attachment', why }]);
      await stage.backUp('issues', 9, { token: fixedToken(token, 'the test') });
      expect(await files('issues', 9)).to.deep.equal({ [idOf(image)]: 'an image' });
      const { omitted } = await stage.manifest('issues', 9);
      expect(omitted.map(({ what }) => what)).to.have.members(['attachment', gone.split('/').at(-1)!]);
      expect(omitted.map(({ why }) => why).join()).to.include('it leads to another place than an attachment');
    });

    it('are kept of discussions and releases as well', async () => {
      const number = stage.content.discussion('How?', `![it](${at(image)})`);
      stage.content.discussionComment(number, 'So', [`[report](${at(document)})`]);
      stage.content.release('v1', {}, { body: `![it](${at(image)})` });
      await stage.backUp('discussions', 1);
      expect(Object.values(await files('discussions', 1))).to.have.members(['an image', 'a report']);
      await stage.backUp('releases', 1);
      expect(Object.values(await files('releases', 1))).to.deep.equal(['an image']);
    });

    it('that are larger than the limit are not taken', async () => {
      const http = new HttpClient({ stallMs: 5_000 });
      const credential = new Credential(fixedToken(token, 'the test'));
      const reader = new AttachmentReader(http, gitHubAddresses(stage.github.apiUrl), credential);
      const read = (atMost: number): Promise<Buffer> => buffer(reader.read(new URL(at(image)), atMost));
      expect((await read(8)).toString()).to.equal('an image');
      expect((await failureOf(read(7))).code).to.equal('TooLarge');
      http.close();
    });

    it('of texts that an earlier version stored are named until all is read again', () => {
      const before = { types: {}, notes: { attachments: 'referred to' } };
      const reader = new AttachmentReader(
        new HttpClient(),
        gitHubAddresses(stage.github.apiUrl),
        new Credential(fixedToken(token, 'the test')),
      );
      for (const reconcile of [false, true]) {
        const keep = (): Promise<boolean> => Promise.resolve(true);
        const collection = new Collection({ folder: '.', before, reconcile, keep, dataset: {} });
        new Attachments(collection, reader).tell();
        expect(collection.omitted.map(({ what }) => what)).to.deep.equal(reconcile ? [] : ['attachment']);
      }
    });

    it('are left out by a setting, and then asked for by no one', async () => {
      stage.content.openIssue('See', `![it](${at(image)})`);
      await stage.backUp('issues', 1, { settings: { datasets: new Set(['issues']) } });
      expect(stage.github.attachmentRequests).to.deep.equal([]);
      expect((await stage.manifest('issues', 1)).omitted).to.deep.equal([]);
    });
  });
});
