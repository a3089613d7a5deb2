/** Makes one snapshot in a world of its own process, so that it can be killed. Arguments: the world's folder, a number. */
import { openWorld, taskOf } from '../layers/core/filesystems/world.ts';

const [folder = '', number = '', retain = ''] = process.argv.slice(2);
const { run } = await openWorld(folder);
const { result } = await run({ ...taskOf(Number(number)), retain: Number(retain) });
process.stdout.write(`${JSON.stringify(result)}\n`);
process.exitCode = result.status === 'success' ? 0 : 1;
