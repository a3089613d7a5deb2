import type * as v from 'valibot';
import { backupEvents, backupPlanEvents } from '../commands/backup/events.ts';
import { catEvents } from '../commands/cat/events.ts';
import { copyEvents } from '../commands/copy/events.ts';
import { diffEvents } from '../commands/diff/events.ts';
import { doctorEvents } from '../commands/doctor/events.ts';
import { drillEvents } from '../commands/drill/events.ts';
import { evidenceEvents } from '../commands/evidence/events.ts';
import { exportEvents } from '../commands/export/events.ts';
import { findEvents } from '../commands/find/events.ts';
import { listEfsEvents, listEvents } from '../commands/list/events.ts';
import { lsEvents } from '../commands/ls/events.ts';
import { pruneEvents } from '../commands/prune/events.ts';
import { reportEvents } from '../commands/report/events.ts';
import {
  restoreAllEvents,
  restoreRecordEvents,
  restoreLfsEvents,
  restorePackagesEvents,
  restoreRepositoryEvents,
} from '../commands/restore/events.ts';
import { runEvents } from '../commands/run/events.ts';
import { runsEvents } from '../commands/runs/events.ts';
import { setSettingEvents, showSettingsEvents } from '../commands/settings/events.ts';
import { showEvents } from '../commands/show/events.ts';
import { statsEvents } from '../commands/stats/events.ts';
import { statusEvents } from '../commands/status/events.ts';
import { verifyEvents } from '../commands/verify/events.ts';
import { restoreEfsEvents, showEfsEvents, startEfsEvents } from '../efs/events.ts';

/** The events that one verb prints; verbs with verbs of their own stand for all of them. */
export interface VerbEvents {
  verb: string;
  /** What is to be known beside the events. */
  note?: string;
  events: readonly v.GenericSchema[];
}

/** What `--json` prints, verb by verb, in the order of the help. */
export const eventsOfVerbs: readonly VerbEvents[] = [
  { verb: 'backup', events: [...backupEvents, ...backupPlanEvents] },
  { verb: 'status', events: statusEvents },
  { verb: 'list', events: [...listEvents, ...listEfsEvents] },
  { verb: 'show', events: [...showEvents, ...showEfsEvents] },
  { verb: 'ls', events: lsEvents },
  { verb: 'cat', events: catEvents },
  { verb: 'diff', events: diffEvents },
  { verb: 'find', events: findEvents },
  { verb: 'export', events: exportEvents },
  { verb: 'verify', events: [...verifyEvents, ...startEfsEvents] },
  { verb: 'drill', events: drillEvents },
  {
    verb: 'restore',
    events: [
      ...restoreRepositoryEvents,
      ...restoreLfsEvents,
      ...restorePackagesEvents,
      ...restoreAllEvents,
      ...restoreRecordEvents,
      ...restoreRecordEvents,
      ...restoreEfsEvents,
    ],
  },
  { verb: 'copy', events: copyEvents },
  {
    verb: 'run',
    note: 'Without a source it prints the events of `backup`, `prune` and `drill`, one after the other.',
    events: [...runEvents, ...reportEvents, ...startEfsEvents],
  },
  { verb: 'runs', events: runsEvents },
  { verb: 'report', events: reportEvents },
  { verb: 'evidence', events: evidenceEvents },
  { verb: 'stats', events: statsEvents },
  { verb: 'prune', events: pruneEvents },
  { verb: 'settings', events: [...showSettingsEvents, ...setSettingEvents] },
  { verb: 'doctor', events: doctorEvents },
];
