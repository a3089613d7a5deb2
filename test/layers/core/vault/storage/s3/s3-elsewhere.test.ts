import { S3ServiceException } from '@aws-sdk/client-s3';
import { expect } from 'chai';
import { storageError } from '#core/vault/storage/s3/s3-error.ts';
import { S3Vault } from '#core/vault/storage/s3/s3-vault.ts';
import { startS3Store, type S3Store, type StoreHabits } from '../../../../../support/s3-store.ts';
import { codeOf, contentOf, keysOf, store as put, stored } from '../../../../../support/vault-content.ts';
import { setEnvironment } from '../../../../../support/vault-s3.ts';
import { failureOf } from '../../../../../support/streams.ts';

const spared = {
  AWS_REQUEST_CHECKSUM_CALCULATION: 'when_required',
  AWS_RESPONSE_CHECKSUM_VALIDATION: 'when_required',
};
const large = contentOf((5 << 20) + 1);

describe("a vault in a store that is not AWS's", () => {
  let open: S3Store | undefined;
  let restore = (): void => undefined;

  async function vaultIn(habits: StoreHabits, environment: Record<string, string> = {}): Promise<S3Vault> {
    open = await startS3Store(habits);
    restore = setEnvironment({
      AWS_ENDPOINT_URL_S3: open.endpoint,
      AWS_ACCESS_KEY_ID: 'key',
      AWS_SECRET_ACCESS_KEY: 'secret',
      ...environment,
    });
    return new S3Vault({ bucket: 'backups', prefix: 'all', elsewhere: true });
  }

  afterEach(async () => {
    restore();
    await open?.close();
    open = undefined;
  });

  it('is reached by paths, also where no region is set', async () => {
    const vault = await vaultIn({}, { AWS_REGION: '', AWS_DEFAULT_REGION: '', AWS_CONFIG_FILE: '/nonexistent' });
    await vault.create('key', Buffer.from('content'));
    expect(await keysOf(vault)).to.deep.equal(['key']);
    expect(open!.requests.every(({ url }) => url.startsWith('/backups'))).to.equal(true);
    expect(await vault.store.address()).to.equal(new URL(open!.endpoint).host);
  });

  it('is spared newer checksums where it refuses them, and what arrives is still checked', async () => {
    const vault = await vaultIn({ refusesChecksums: true, saysLittle: true }, spared);
    await vault.create('small', Buffer.from('content'));
    await vault.replace('small', Buffer.from('another'));
    await put(vault, 'large', large);
    expect((await stored(vault, 'large'))?.equals(large)).to.equal(true);
    const uploads = open!.requests.filter(({ method }) => method === 'PUT');
    expect(uploads).to.have.length(4);
    for (const { headers } of uploads) expect(headers['content-md5']).to.be.a('string');
  });

  it('that refuses newer checksums is an error that says how to spare them', async () => {
    const vault = await vaultIn({ refusesChecksums: true });
    for (const attempt of [() => vault.create('small', Buffer.from('x')), () => put(vault, 'large', large)]) {
      const error = await failureOf(attempt());
      expect(error).to.include({ code: 'StorageFailed', transient: false });
      expect(error.advice).to.include('AWS_REQUEST_CHECKSUM_CALCULATION=when_required');
    }
  });

  for (const [conditions, creates] of [
    ['heeded', true],
    ['ignored', false],
    ['refused', false],
  ] as const)
    it(`${creates ? 'is found to create' : 'is not found to create'} once where conditions are ${conditions}`, async () => {
      const vault = await vaultIn({ conditions });
      expect(await vault.store.createsOnce()).to.equal(creates);
      expect(await vault.store.createsOnce()).to.equal(creates);
      expect(await vault.store.overwritesAccepted()).to.equal(false);
      const left = conditions === 'refused' ? [] : ['doctor/create-once'];
      expect(await keysOf(vault)).to.deep.equal(left);
    });

  for (const conditions of ['ignored', 'refused'] as const)
    it(`overwrites nothing once that is accepted, where conditions are ${conditions}`, async () => {
      const first = await vaultIn({ conditions });
      await first.store.acceptOverwrites();
      // Another process reads it from the vault.
      const vault = new S3Vault({ bucket: 'backups', prefix: 'all', elsewhere: true });
      expect(await vault.store.overwritesAccepted()).to.equal(true);
      for (const [key, write] of [
        ['small', (content: Buffer) => vault.create('small', content)],
        ['part', (content: Buffer) => put(vault, 'part', content)],
        ['large', (content: Buffer) => put(vault, 'large', Buffer.concat([large, content]))],
      ] as const) {
        await write(Buffer.from('first'));
        const before = await stored(vault, key);
        expect(await codeOf(write(Buffer.from('second')))).to.equal('AlreadyExists');
        expect((await stored(vault, key))?.equals(before!)).to.equal(true);
      }
    });

  it('is not found to create once where only single requests heed conditions, and leaves no upload behind', async () => {
    const vault = await vaultIn({ conditionsOfUploads: 'ignored' });
    expect(await vault.store.createsOnce()).to.equal(false);
    open!.habits.conditionsOfUploads = 'refused';
    expect(await vault.store.createsOnce()).to.equal(false);
    delete open!.habits.conditionsOfUploads;
    expect(await vault.store.createsOnce()).to.equal(true);
    const begun = open!.requests.filter(({ url }) => /[?&]uploads/.test(url)).length;
    expect(open!.requests.filter(({ method }) => method === 'DELETE')).to.have.length(begun);
  });

  it('that wants parts of one size takes them, also where their size is set', async () => {
    const vault = await vaultIn({ wantsEqualParts: true }, { HOLDFAST_S3_PART_MIB: '6' });
    const content = contentOf((15 << 20) + 1);
    await put(vault, 'large', content);
    expect((await stored(vault, 'large'))?.equals(content)).to.equal(true);
    const parts = open!.requests.filter(({ url }) => url.includes('partNumber='));
    expect(parts.map(({ headers }) => Number(headers['content-length'])).sort((a, b) => b - a)).to.deep.equal([
      6 << 20,
      6 << 20,
      (3 << 20) + 1,
    ]);
  });

  it('that refuses parts of different sizes is an error that says what to set', () => {
    const refusal = new S3ServiceException({
      name: 'InvalidPart',
      message: 'All non-trailing parts must have the same length.',
      $fault: 'client',
      $metadata: { httpStatusCode: 400 },
    });
    const error = storageError(refusal, 'large');
    expect(error).to.include({ code: 'StorageFailed', transient: false });
    expect(error.advice).to.include('HOLDFAST_S3_PART_MIB');
  });

  it('that knows buckets by the name of the host alone is reached so where that is set', async () => {
    const host = 's3.example.test';
    const vault = await vaultIn({ virtualHost: host }, { HOLDFAST_S3_ADDRESSING: 'virtual' });
    // In the place of a name server.
    const forwarded = setEnvironment({ AWS_ENDPOINT_URL_S3: `http://${host}`, http_proxy: open!.endpoint });
    try {
      await vault.create('key', Buffer.from('content'));
      await put(vault, 'large', large);
      expect(await keysOf(vault)).to.deep.equal(['key', 'large']);
      expect([...open!.objects.keys()]).to.deep.equal(['backups/all/key', 'backups/all/large']);
    } finally {
      forwarded();
    }
  });

  it('cannot be reached in a way that there is not', async () => {
    expect(await codeOf(vaultIn({}, { HOLDFAST_S3_ADDRESSING: 'host' }))).to.equal('ConfigurationInvalid');
  });

  it('in another region is found there, once for all requests', async () => {
    const vault = await vaultIn({ region: 'eu-west-3' }, { AWS_REGION: 'eu-central-1' });
    await Promise.all(['a', 'b', 'c'].map((key) => vault.create(key, Buffer.from(key))));
    await put(vault, 'large', large);
    expect(await keysOf(vault)).to.deep.equal(['a', 'b', 'c', 'large']);
    expect(await vault.store.otherRegion()).to.deep.equal({ bucket: 'eu-west-3', configured: 'eu-central-1' });
    const before = open!.requests.length;
    await vault.stat('a');
    expect(open!.requests.length).to.equal(before + 1);
  });

  it('knows what is missing from the part that may be listed, and denies the rest', async () => {
    const vault = await vaultIn({ listable: 'all/own/' });
    open!.objects.set('backups/all/own/key-2', { content: Buffer.from('content'), metadata: {}, modified: new Date() });
    expect(await vault.stat('own/key')).to.equal(undefined);
    expect(await stored(vault, 'own/key')).to.equal(undefined);
    expect(await vault.stat('own/key-2')).to.deep.equal({ bytes: 7 });
    expect(await codeOf(vault.stat('others/key'))).to.equal('AccessDenied');
    expect(await codeOf(stored(vault, 'others/key'))).to.equal('AccessDenied');
  });
});
