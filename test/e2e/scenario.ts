import type { Rehearsal } from './rehearsal/rehearse.ts';
import type { World } from './world.ts';

/** One thing that the deployed system must do, as a person would see it. Fails by throwing. */
export interface Scenario {
  name: string;
  run(world: World): Promise<void>;
}

/** One thing that must be true of all that Terraform renders and calls. Fails by throwing. */
export interface RehearsedScenario {
  name: string;
  judge(rehearsal: Rehearsal): Promise<void>;
}
