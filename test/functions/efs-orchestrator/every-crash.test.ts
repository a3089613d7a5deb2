import { expect } from 'chai';
import type { World } from '../../../functions/efs-orchestrator/world.ts';
import { mustEndWell } from './end-well.ts';
import { firstId, stageOf, type Manner, type Stage } from './stage.ts';

/** A function that is killed: from then on it does nothing more. */
class Killed extends Error {}

/** Has the world end the invocation just before, or just after, its so manieth call. */
function killAt(world: World, at: number, moment: 'before' | 'after'): { calls: string[]; revive: () => void } {
  const calls: string[] = [];
  let dead = false;
  const watched =
    (name: string, call: (...given: unknown[]) => unknown) =>
    async (...given: unknown[]) => {
      calls.push(name);
      if (dead || (calls.length === at && moment === 'before')) {
        dead = true;
        throw new Killed(name);
      }
      const answer = await call(...given);
      if (calls.length === at) {
        dead = true;
        throw new Killed(name);
      }
      return answer;
    };
  const watch = (port: object, path: string, names: readonly string[]): void => {
    for (const [name, call] of Object.entries(port))
      if (names.includes(name)) Object.assign(port, { [name]: watched(path + name, call as () => unknown) });
  };
  for (const port of ['table', 'groups', 'commands', 'storage', 'schedules'] as const)
    watch(
      world[port],
      `${port}.`,
      Object.keys(world[port]).filter((name) => name !== 'all' && name !== 'close'),
    );
  watch(world.results, 'results.', ['read']);
  watch(world, '', ['publish']);
  return { calls, revive: () => (dead = false) };
}

/** What happens to a backup from its start to its end, with one invocation that is killed; then Lambda tries it again, or not. */
async function play(stage: Stage, triesAgain: boolean, revive: () => void): Promise<void> {
  const attempt = async (invocation: () => Promise<unknown>): Promise<void> => {
    try {
      await invocation();
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
      revive();
      if (triesAgain) await invocation();
    }
  };
  const settle = async (): Promise<void> => {
    for (const event of stage.scene.events.splice(0)) await attempt(() => stage.send(event));
    if (stage.scene.events.length > 0) await settle();
  };
  const asked = stage.scene.now;
  await attempt(() => stage.start({ asked }));
  await settle();
  await attempt(() => stage.send({ action: 'stop', id: firstId }));
  await settle();
}

describe('a start of EFS that is delivered twice', () => {
  it('is one start, wherever the first delivery is killed', async () => {
    const whole = stageOf();
    const { calls } = killAt(whole.world, 0, 'before');
    await whole.start();
    for (let at = 1; at <= calls.length; at++)
      for (const moment of ['before', 'after'] as const) {
        const stage = stageOf();
        const asked = stage.scene.now;
        const { revive } = killAt(stage.world, at, moment);
        await stage.start({ asked }).catch(() => revive());
        const where = `killed ${moment} call ${at}, ${calls[at - 1] ?? ''}`;
        expect(await stage.start({ asked }), where).to.deep.equal({ outcome: 'started', id: firstId });
        expect(stage.scene, where).to.deep.include({ desired: 1, launched: 1, told: [] });
        expect(stage.scene.items[firstId], where).to.include({ State: 'running' });
      }
  });
});

describe('an EFS task whose orchestrator is killed', () => {
  const manners: Record<string, Manner> = {
    'while the window ends': { result: 'incomplete', command: 'works' },
    'while the agent is silent': { result: undefined, command: 'silent' },
    'while nothing can be launched': { result: 'success', command: 'works', launchProblem: 'no such image' },
  };
  for (const [title, manner] of Object.entries(manners))
    for (const triesAgain of [true, false])
      it(`${title} ends well wherever that is, ${triesAgain ? 'tried again' : 'never tried again'}`, async () => {
        const whole = stageOf(undefined, manner);
        const { calls } = killAt(whole.world, 0, 'before');
        await play(whole, false, () => undefined);
        expect(calls.length).to.be.greaterThan(30);
        for (let at = 1; at <= calls.length; at++)
          for (const moment of ['before', 'after'] as const) {
            const stage = stageOf(undefined, manner);
            const { revive } = killAt(stage.world, at, moment);
            await play(stage, triesAgain, revive);
            revive();
            // Only a message that was sent just before cannot be told from one that was not.
            const twice = calls[at - 1] === 'publish' || calls[at] === 'publish' || calls[at - 2] === 'publish';
            try {
              if (stage.scene.items[firstId]) await mustEndWell(stage, twice ? 2 : 1);
            } catch (error) {
              throw new Error(`killed ${moment} call ${at}, ${calls[at - 1] ?? ''}: ${String(error)}`, {
                cause: error,
              });
            }
          }
      });
});
