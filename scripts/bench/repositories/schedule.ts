import { pullShares, type HistoryShape } from './history-shape.ts';
import { SeededRandom } from './random.ts';

/** One change of a history, before its content is made. */
export interface Change {
  kind: 'direct' | 'merged' | 'open';
  /** The files that it touches, and the marks of the blobs that they become. */
  files: number[];
  marks: number[];
}

/**
 * Decides which change touches which file. Files come into being over time, and few of them are changed often.
 * @returns the changes in their order, and for each file the changes that touch it
 */
export function schedule(shape: HistoryShape): { changes: Change[]; ofFile: Change[][] } {
  const random = new SeededRandom(`${shape.seed} schedule`);
  const changes: Change[] = [];
  const ofFile: Change[][] = [];
  for (let at = 0; at < shape.changes; at++) {
    const draw = random.next();
    const kind = draw < pullShares.open ? 'open' : draw < pullShares.open + pullShares.merged ? 'merged' : 'direct';
    const touched = new Set<number>();
    const wanted = random.skewed(1.8);
    for (let edit = 0; edit < wanted && ofFile.length > 0; edit++)
      touched.add(Math.floor(ofFile.length * random.next() ** 2.5));
    // New files only on the main branch, so that each of them is there for a later change.
    const due = Math.ceil((shape.files * (at + 1)) / shape.changes);
    const change: Change = { kind: ofFile.length < due ? 'direct' : kind, files: [], marks: [] };
    for (let file = ofFile.length; file < due; file++) {
      ofFile.push([]);
      touched.add(file);
    }
    change.files = [...touched];
    for (const file of touched) ofFile[file]?.push(change);
    changes.push(change);
  }
  return { changes, ofFile };
}
