/** Makes so many snapshots of the world in a folder, and prints how each went; for tests that preload a library. */
import { openWorld } from '../layers/core/filesystems/world.ts';

const [folder, snapshots] = process.argv.slice(2);
const world = await openWorld(folder);
for (let number = 1; number <= Number(snapshots); number++) {
  const { result } = await world.backUp();
  process.stdout.write(
    `${JSON.stringify({ status: result.status, problem: result.problem, warnings: result.warnings })}\n`,
  );
}
