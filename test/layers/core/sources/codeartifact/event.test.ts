import { expect } from 'chai';
import { parseJson } from '#core/runtime/schema.ts';
import { packageEventSchema } from '#core/sources/codeartifact/event.ts';
import { failureOf } from '../../../../support/streams.ts';

/** As the documentation has it. */
const event = {
  version: '0',
  id: '73f03fec-a137-971e-6ac6-07c8ffffffff',
  'detail-type': 'CodeArtifact Package Version State Change',
  source: 'aws.codeartifact',
  account: '123456789012',
  time: '2026-11-20T11:55:55Z',
  region: 'us-east-1',
  resources: ['arn:aws:codeartifact:us-east-1:123456789012:package/my-domain/my-repo/maven/com.amazonaws.app/library'],
  detail: {
    domainName: 'my-domain',
    domainOwner: '210987654321',
    repositoryName: 'my-repo',
    repositoryAdministrator: '123456789012',
    packageFormat: 'maven',
    packageNamespace: 'com.amazonaws.app',
    packageName: 'library',
    packageVersion: '1.0',
    packageVersionState: 'Published',
    packageVersionRevision: 'fEzKQ5vRzQQ=',
    changes: { assetsAdded: 0, assetsRemoved: 0, metadataUpdated: 'false', assetsUpdated: 0, statusChanged: 'true' },
    operationType: 'Updated',
    sequenceNumber: 2,
    eventDeduplicationId: '2mEO0A2Ke07rWUTBXk3CAiQhdTXF4N94LNaT',
  },
};

const read = (changed: object) => parseJson(packageEventSchema, JSON.stringify({ ...event, ...changed }), 'the event');

describe('an event of CodeArtifact', () => {
  it('says where to look, in the domain of whichever account owns it', () => {
    expect(read({})).to.deep.equal({
      account: '210987654321',
      region: 'us-east-1',
      domain: 'my-domain',
      repository: 'my-repo',
      format: 'maven',
      namespace: 'com.amazonaws.app',
      package: 'library',
      version: '1.0',
    });
  });

  for (const packageNamespace of [null, undefined, ''])
    it(`may be of a package without a namespace: ${String(packageNamespace)}`, () => {
      expect(read({ detail: { ...event.detail, packageNamespace } }).namespace).to.equal(undefined);
    });

  for (const [field, changed] of [
    ['detail-type', { 'detail-type': 'CodeArtifact Something Else' }],
    ['source', { source: 'aws.codecommit' }],
    ['detail.packageFormat', { detail: { ...event.detail, packageFormat: 'conda' } }],
    ['detail.packageName', { detail: { ...event.detail, packageName: undefined } }],
  ] as const)
    it(`is refused by the name of what is wrong: ${field}`, async () => {
      const error = await failureOf(Promise.resolve().then(() => read(changed)));
      expect(error.message).to.include(field);
    });
});
