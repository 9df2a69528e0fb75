import { signal } from '@preact/signals';

const THEMES = ['auto', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];

const KEY = 'postern.theme';
/** `auto` follows the system. */
export const theme = signal<Theme>(kept());
apply(theme.value);

export function ThemeSwitch() {
  return (
    <div class="theme" role="radiogroup" aria-label="Colors">
      {THEMES.map((name) => (
        <label key={name}>
          <input
            class="visually-hidden"
            type="radio"
            name="theme"
            checked={theme.value === name}
            onChange={() => choose(name)}
          />
          {name[0]!.toUpperCase() + name.slice(1)}
        </label>
      ))}
    </div>
  );
}

function choose(name: Theme): void {
  theme.value = name;
  apply(name);
  localStorage.setItem(KEY, name);
}

function apply(name: Theme): void {
  if (name === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = name;
}

function kept(): Theme {
  const name = localStorage.getItem(KEY);
  return THEMES.find((one) => one === name) ?? 'auto';
}
