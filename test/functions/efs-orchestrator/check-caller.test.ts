import { expect } from 'chai';
import { parse } from 'valibot';
import { messageSchema } from '#core/filesystems/messages.ts';
import { checkCaller } from '../../../functions/efs-orchestrator/check-caller.ts';
import type { BusEvent } from '../../../functions/efs-orchestrator/events.ts';

const message = (fields: object): ReturnType<typeof parse<typeof messageSchema>> => parse(messageSchema, fields);
const finished: BusEvent = {
  'detail-type': 'EFS Task Finished',
  time: '2026-11-20T02:00:00Z',
  detail: { id: 'backup-home-2026-11-20T02:00:00Z' },
};

describe('what the EFS orchestrator does for whom', () => {
  it('lets a schedule start a backup, and remind of what goes on', () => {
    const asked = [
      { action: 'start', fileSystem: 'home' },
      { action: 'start', fileSystem: 'home', task: 'backup' },
      { action: 'stop', id: 'backup-home' },
      { action: 'follow', id: 'backup-home', attempt: 1 },
      { action: 'janitor' },
    ];
    for (const fields of asked) expect(() => checkCaller(message(fields), 'schedule')).to.not.throw();
  });

  it('lets a schedule ask for nothing else', () => {
    const restore = { action: 'start', fileSystem: 'home', task: 'restore', inPlace: true, delete: true };
    const refused = [message(restore), message({ action: 'start', fileSystem: 'home', task: 'verify' }), finished];
    for (const event of refused)
      expect(() => checkCaller(event, 'schedule'))
        .to.throw()
        .with.property('code', 'AccessDenied');
  });

  it('does for people and for events whatever they ask', () => {
    const restore = message({ action: 'start', fileSystem: 'home', task: 'restore', inPlace: true, delete: true });
    for (const event of [restore, finished])
      for (const alias of ['live', undefined]) expect(() => checkCaller(event, alias)).to.not.throw();
  });
});
