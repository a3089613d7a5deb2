import path from 'node:path';
import { expect } from 'chai';
import { holdfast, type CommandLineResult } from '../../support/command-line.ts';
import { createRepository, refsOf, useTemporaryFolders } from '../../support/repositories.ts';
import { startS3Store, type S3Store, type StoreHabits } from '../../support/s3-store.ts';

describe("holdfast with a vault in a store that is not AWS's", () => {
  const folder = useTemporaryFolders();
  let place: string;
  let store: S3Store | undefined;

  before(async () => {
    place = await folder();
    await createRepository(path.join(place, 'app.git'), { commits: 2 });
  });
  afterEach(() => store?.close());

  const open = async (habits: StoreHabits): Promise<void> => void (store = await startS3Store(habits));
  const run = (...args: string[]): Promise<CommandLineResult> =>
    holdfast([...args, '--vault', 's3://backups/all'], {
      cwd: place,
      env: { AWS_ENDPOINT_URL_S3: store!.endpoint, AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' },
    });

  it('backs up and restores where the store creates only what is not there', async () => {
    await open({ saysLittle: true });
    const doctor = await run('doctor');
    expect(doctor.stdout).to.match(/good +the store at localhost:\d+ refuses to overwrite/);
    expect((await run('backup', 'git', 'app.git')).code).to.equal(0);
    const restored = path.join(await folder(), 'restored.git');
    const item = /git\/=\S+/.exec((await run('list')).stdout)?.[0] ?? path.join(place, 'app.git');
    const { code, stderr } = await run('restore', item, '--to', restored);
    expect(code, stderr).to.equal(0);
    expect(await refsOf(restored)).to.deep.equal(await refsOf(path.join(place, 'app.git')));
  });

  it('writes nothing where the store would overwrite, until that is accepted, once for all', async () => {
    await open({ conditions: 'ignored' });
    const refused = await run('backup', 'git', 'app.git');
    expect(refused.code).to.equal(2);
    expect(refused.stderr)
      .to.match(/overwrites what is there/)
      .and.match(/--accept-overwrites/);
    expect([...store!.objects.keys()]).to.deep.equal(['backups/all/doctor/create-once']);
    const doctor = await run('doctor');
    expect(doctor.code).to.equal(1);
    expect(doctor.stdout).to.match(/bad +the store at localhost:\d+ overwrites/);

    expect((await run('backup', 'git', 'app.git', '--accept-overwrites')).code).to.equal(0);
    expect((await run('backup', 'git', 'app.git')).code).to.equal(0);
    expect((await run('verify')).code).to.equal(0);
    expect((await run('doctor')).stdout).to.match(/note +the store at localhost:\d+ overwrites/);
  });

  it('says in doctor that the vault lies in another region, and finds it there', async () => {
    await open({ region: 'eu-west-3' });
    const { stderr } = await run('list');
    expect(stderr).to.include('does not hold a vault');
    expect((await run('doctor')).stdout).to.include('is in eu-west-3, not in us-east-1');
  });
});
