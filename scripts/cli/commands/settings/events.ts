import * as v from 'valibot';
import { event, flag, text, type EventOf } from '../../events/event.ts';

const secret = text('the name of the secret');

export const showSettingsEvents = [
  event('settings', 'the settings of a deployment', {
    secret,
    settings: v.pipe(
      v.record(v.string(), v.unknown()),
      v.description('each key and its value; "(set)" for a secret one'),
    ),
  }),
] as const;

export const setSettingEvents = [
  event('setting', 'the setting that was changed', {
    secret,
    key: text('its name'),
    removed: flag('whether it was removed, with --remove'),
    stored: flag('false with --dry-run'),
  }),
] as const;

export type ShowSettingsEvent = EventOf<typeof showSettingsEvents>;
export type SetSettingEvent = EventOf<typeof setSettingEvents>;
