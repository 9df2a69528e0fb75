import { flagOf, type Mode, settingsOf } from '../server/settings.ts';

/** The settings a command takes beside its own options, for `readOptions`. */
export function settingFlags(mode: Mode): ReadonlyMap<string, 'value' | 'switch'> {
  const flags = new Map<string, 'value' | 'switch'>();
  for (const [key, { type }] of settingsOf(mode)) {
    const isSwitch = type.placeholder === undefined;
    flags.set(flagOf(key), isSwitch ? 'switch' : 'value');
    if (isSwitch) flags.set(`no-${flagOf(key)}`, 'switch');
  }
  return flags;
}
