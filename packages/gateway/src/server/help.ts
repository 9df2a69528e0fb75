import type { Setting } from './setting.ts';
import { environmentNameOf, flagOf, type Mode, type SettingKey, settingsOf } from './settings.ts';

const INDENT = 2;

/** What a command's options say, from the table of settings: two lines for each. */
export function optionsHelp(mode: Mode): string {
  const rows = settingsOf(mode).map(([key, row]) => ({ key, row, left: optionText(key, row) }));
  return rows
    .map(({ key, row, left }) => {
      const details = `${' '.repeat(INDENT + 4)}${defaultText(row)}${environmentNameOf(key)}`;
      return `${' '.repeat(INDENT)}${left}\n${' '.repeat(INDENT + 4)}${row.sentence}\n${details}`;
    })
    .join('\n');
}

function optionText(key: SettingKey, row: Setting<unknown>): string {
  const { placeholder } = row.type;
  return placeholder === undefined ? `--${flagOf(key)}` : `--${flagOf(key)} ${placeholder}`;
}

function defaultText(row: Setting<unknown>): string {
  if (row.default === undefined || row.default === false || row.default === '') return '';
  return `Default ${row.default}${row.unit ? ` ${row.unit}` : ''}. `;
}
