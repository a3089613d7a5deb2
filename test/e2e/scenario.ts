import type { World } from './world.ts';

/** One thing that the deployed system must do, as a person would see it. Fails by throwing. */
export interface Scenario {
  name: string;
  run(world: World): Promise<void>;
}
