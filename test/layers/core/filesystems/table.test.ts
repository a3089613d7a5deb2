import { expect } from 'chai';
import { openTable, type Table } from '#core/filesystems/table.ts';
import { memoryTable } from '../../../functions/efs-orchestrator/memory-table.ts';
import { describeWithAws } from '../../../support/aws/suite.ts';
import { setEnvironment } from '../../../support/vault-s3.ts';

/** What holds for DynamoDB and for what stands in its place in other tests. */
function itIsATable(open: () => Promise<Table>): void {
  let table: Table;

  beforeEach(async () => {
    table = await open();
  });

  const present = (name: string) => [{ attribute: 'State', in: [name, 'other'] }];

  it('gives back what was put, numbers as numbers, without what is undefined', async () => {
    const item = {
      BackupId: 'a',
      ExpireItem: 1_802_916_000,
      Task: { format: 1, list: ['x', { deep: true }], none: undefined },
      gone: undefined,
    };
    expect(await table.put(item, [])).to.equal(true);
    expect(await table.get('a')).to.deep.equal({
      BackupId: 'a',
      ExpireItem: 1_802_916_000,
      Task: { format: 1, list: ['x', { deep: true }] },
    });
    expect(await table.get('b')).to.equal(undefined);
  });

  it('puts only where nothing is there, where that is asked', async () => {
    const absent = [{ attribute: 'BackupId', absent: true }] as const;
    expect(await table.put({ BackupId: 'a', by: 'first' }, absent)).to.equal(true);
    expect(await table.put({ BackupId: 'a', by: 'second' }, absent)).to.equal(false);
    expect(await table.get('a')).to.include({ by: 'first' });
  });

  it('changes only what is in one of the states', async () => {
    await table.put({ BackupId: 'a', State: 'running', Old: 1 }, []);
    expect(await table.update('a', { State: 'x' }, present('ended'))).to.equal(undefined);
    expect(await table.update('missing', { State: 'x' }, present('running'))).to.equal(undefined);
    expect(await table.get('missing')).to.equal(undefined);
    expect(await table.update('a', { State: 'ended', Old: undefined }, present('running'))).to.deep.equal({
      BackupId: 'a',
      State: 'ended',
    });
  });

  it('changes what is absent or has this value', async () => {
    await table.put({ BackupId: 'a', State: 'running' }, []);
    const mine = (instance: string) => [{ attribute: 'InstanceId', absentOr: instance }];
    expect(await table.update('a', { InstanceId: 'i-1' }, mine('i-1'))).to.include({ InstanceId: 'i-1' });
    expect(await table.update('a', { InstanceId: 'i-1' }, mine('i-1'))).to.include({ InstanceId: 'i-1' });
    expect(await table.update('a', { InstanceId: 'i-2' }, mine('i-2'))).to.equal(undefined);
  });

  it('changes what is absent or before', async () => {
    await table.put({ BackupId: 'a', State: 'ended' }, []);
    const before = (time: string) => [...present('ended'), { attribute: 'Announcing', absentOrBefore: time }];
    expect(await table.update('a', { Announcing: '2026-01-02' }, before('2026-01-01'))).to.be.an('object');
    expect(await table.update('a', { Announcing: '2026-01-09' }, before('2026-01-02'))).to.equal(undefined);
    expect(await table.update('a', { Announcing: '2026-01-09' }, before('2026-01-03'))).to.be.an('object');
  });

  it('removes only what is as it must be', async () => {
    await table.put({ BackupId: 'lock#g', Running: 'a' }, []);
    expect(await table.remove('lock#g', [{ attribute: 'Running', in: ['b'] }])).to.equal(false);
    expect(await table.remove('lock#g', [{ attribute: 'Running', in: ['a'] }])).to.equal(true);
    expect(await table.remove('lock#g', [{ attribute: 'Running', in: ['a'] }])).to.equal(false);
  });

  it('lists everything', async () => {
    for (const BackupId of ['a', 'b', 'c']) await table.put({ BackupId }, []);
    const found: unknown[] = [];
    for await (const item of table.all()) found.push(item['BackupId']);
    expect(found.sort()).to.deep.equal(['a', 'b', 'c']);
  });

  it('lets one of many win', async () => {
    const tries = await Promise.all(
      Array.from({ length: 16 }, (_, by) =>
        table.put({ BackupId: 'lock#g', Running: `task-${by}` }, [{ attribute: 'Running', absentOr: `task-${by}` }]),
      ),
    );
    expect(tries.filter((won) => won)).to.have.lengthOf(1);
  });
}

describe('a table in memory', () => {
  itIsATable(() => Promise.resolve(memoryTable()));
});

describeWithAws('a table of DynamoDB', (aws) => {
  let made = 0;
  let restore: () => void;

  // The SDK reads its endpoint and keys from there.
  before(() => {
    restore = setEnvironment(aws.server().environment);
  });
  after(() => restore());

  itIsATable(async () => {
    const TableName = `efs-${++made}`;
    await aws.call('dynamodb', 'CreateTable', {
      TableName,
      AttributeDefinitions: [{ AttributeName: 'BackupId', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'BackupId', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
    });
    return openTable(TableName);
  });

  it('says which table it is that is missing', async () => {
    const table = await openTable('no-such-table');
    const failure = await table.get('a').catch((error: unknown) => error);
    expect(failure).to.include({ code: 'Unavailable' });
    expect(String(failure)).to.include('no-such-table');
  });
});
