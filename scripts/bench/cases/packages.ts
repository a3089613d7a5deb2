import type { Bench } from '../bench-context.ts';
import { inTurns } from '../measure/in-turns.ts';
import { summarise } from '../report/summary.ts';
import { startServer } from '../servers/server-process.ts';
import { contender, type CaseResult } from './case-result.ts';
import { holdfast, vaultIn } from './commands.ts';
import { intoS3 } from './s3-contender.ts';

/** Assets, how many of them one version has, and the bytes of each. */
interface Shape {
  name: string;
  assets: number;
  perVersion: number;
  bytes: number;
}

const shapes = ({ quick }: { quick: boolean }): Shape[] => [
  { name: '1 KB', assets: quick ? 100 : 1000, perVersion: 10, bytes: 1e3 },
  { name: '1 MB', assets: quick ? 50 : 500, perVersion: 10, bytes: 1e6 },
  ...(quick ? [] : [{ name: '1 GB', assets: 4, perVersion: 4, bytes: 1e9 }]),
];

/** First backups of packages, with all of the account's quotas. */
export async function packages(bench: Bench): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  for (const shape of shapes(bench.options)) {
    const { name, assets, perVersion, bytes } = shape;
    const file = new URL('../codeartifact-server.ts', import.meta.url);
    const server = await startServer(file, [assets, perVersion, bytes].map(String));
    const args = ['backup', 'codeartifact', '--share', '1', '--quiet'];
    const environment = {
      AWS_ENDPOINT_URL_CODEARTIFACT: server.url,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'bench',
      AWS_SECRET_ACCESS_KEY: 'bench',
    };
    const contenders = [
      {
        name: contender.folder,
        command: (folder: string) => holdfast(bench, folder, [...args, '--vault', vaultIn(folder)], environment),
      },
      intoS3(bench, contender.s3, args, bench.s3, environment),
    ];
    const rows = await inTurns(contenders, bench.options.runs, bench.workspace);
    await server.stop();
    const rates = rows.map((row) => `${(assets / summarise(row).wall).toFixed(1)} assets a second ${row.name}`);
    results.push({
      case: 'packages',
      rows,
      notes: [
        `${assets} assets of ${name}, ${perVersion} in a version; AWS lets an account read 50 a second`,
        ...rates,
      ],
    });
  }
  return results;
}
