import { expect } from 'chai';
import { mustEndWell } from './end-well.ts';
import { began, emptyScene, firstId as id, later, stageOf, type Manner, type Scene, type Stage } from './stage.ts';

/** How often in one life of a task something may go wrong in each way. */
interface Budget {
  /** Events that come twice, and that never come. */
  again: number;
  lost: number;
  /** Starts of others in between. */
  starts: number;
  kills: number;
  janitors: number;
}

interface Moment {
  scene: Scene;
  budget: Budget;
}

type Step = (stage: Stage) => unknown;

/** All that can happen next. The player of the scene chooses one. */
function nextSteps({ scene, budget }: Moment): { name: string; step: Step; cost: Partial<Budget> }[] {
  const steps: ReturnType<typeof nextSteps> = [];
  // The next task has a life of its own, which is played as that of the first.
  if (Object.values(scene.items).some((item) => item['BackupId'] !== id && item['State'] === 'running')) return [];
  scene.events.forEach((event, at) => {
    const name = event['detail-type'];
    steps.push({ name, step: (stage) => stage.deliver(stage.scene.events[at]!), cost: {} });
    steps.push({
      name: `${name}, and again`,
      step: (stage) => stage.deliver(stage.scene.events[at]!, true),
      cost: { again: 1 },
    });
    steps.push({
      name: `${name} is lost`,
      step: (stage) => stage.scene.events.splice(at, 1),
      cost: { lost: 1 },
    });
  });
  for (const schedule of Object.keys(scene.schedules))
    steps.push({ name: schedule, step: (stage) => stage.fire(schedule), cost: {} });
  if (scene.instances.some(({ state, program }) => program && state !== 'Terminating:Wait'))
    steps.push({ name: 'the program ends', step: (stage) => stage.endProgram(), cost: {} });
  if (scene.instances.length > 0)
    steps.push({ name: 'the instance vanishes', step: (stage) => stage.kill(), cost: { kills: 1 } });
  steps.push({ name: 'janitor', step: (stage) => stage.send({ action: 'janitor' }), cost: { janitors: 1 } });
  steps.push({
    name: 'another start',
    step: (stage) => stage.start({ asked: later(began, 5), interactive: true }),
    cost: { starts: 1 },
  });
  return steps.filter(({ cost }) =>
    Object.entries(cost).every(([what, price]) => budget[what as keyof Budget] >= price),
  );
}

function spend(budget: Budget, cost: Partial<Budget>): Budget {
  return Object.fromEntries(
    Object.entries(budget).map(([what, left]: [string, number]) => [what, left - (cost[what as keyof Budget] ?? 0)]),
  ) as unknown as Budget;
}

/** Neither the order in which events wait nor random words are of any account. */
function keyOf({ scene, budget }: Moment): string {
  const text = JSON.stringify([
    { ...scene, events: scene.events.map((event) => JSON.stringify(event)).sort() },
    budget,
  ]);
  return text.replaceAll(/"nonce\W+[0-9a-f]{32}/g, '"nonce');
}

/** Plays every order of steps; each moment that was reached by several ways is played on from once. */
async function playAll(manner: Manner, budget: Budget, atEnd: (stage: Stage) => Promise<void>): Promise<number> {
  const first = stageOf(emptyScene(), manner);
  await first.start();
  const seen = new Set<string>();
  const open: (Moment & { path: string[] })[] = [{ scene: first.scene, budget, path: [] }];
  for (let moment = open.pop(); moment; moment = open.pop()) {
    const steps = nextSteps(moment);
    for (const { name, step, cost } of steps) {
      const path = [...moment.path, name];
      const stage = stageOf(structuredClone(moment.scene), manner);
      const next = { scene: stage.scene, budget: spend(moment.budget, cost), path };
      try {
        await step(stage);
        const known = keyOf(next);
        if (seen.has(known)) continue;
        seen.add(known);
        // Whatever happened so far: from here on all goes well, and it must end well.
        await atEnd(stageOf(structuredClone(next.scene), manner));
      } catch (error) {
        throw new Error(`after ${path.join(' → ')}: ${String(error)}`, { cause: error });
      }
      open.push(next);
      if (path.length > 100) throw new Error(`no end: ${path.join(' → ')}`);
    }
  }
  return seen.size;
}

describe('an EFS task, in whatever order its events come', () => {
  const manners: Record<string, Manner> = {
    'whose program succeeds': { result: 'success', command: 'works' },
    'whose window ends': { result: 'incomplete', command: 'works' },
    'whose program leaves no result': { result: undefined, command: 'works' },
    'whose instance cannot be told': { result: undefined, command: 'silent' },
    'whose command fails': { result: 'success', command: 'fails' },
    'whose program hangs': { result: undefined, command: 'hangs' },
    'for which there is no capacity': {
      result: 'success',
      command: 'works',
      launchProblem: 'We currently do not have sufficient t4g.small capacity in the Availability Zone you requested',
    },
    'whose instance cannot be launched': {
      result: 'success',
      command: 'works',
      launchProblem: 'The image id ami-1 does not exist',
    },
  };

  for (const [title, manner] of Object.entries(manners))
    for (const [what, budget] of Object.entries<Budget>({
      'with events twice': { again: 2, lost: 0, starts: 0, kills: 0, janitors: 0 },
      'with events lost': { again: 0, lost: 2, starts: 0, kills: 0, janitors: 1 },
      'with an instance that vanishes': { again: 0, lost: 0, starts: 0, kills: 1, janitors: 0 },
      'with another start in between': { again: 0, lost: 0, starts: 1, kills: 0, janitors: 0 },
    }))
      it(`${title} ends well, ${what}`, async () => {
        const moments = await playAll(manner, budget, mustEndWell);

        expect(moments).to.be.greaterThan(2);
      });
});
