/** One stroke, sixteen units square. */
const paths: Readonly<Record<string, string>> = {
  overview: 'M1.5 8.5h3l2-5.5 3 10 2-4.5h3',
  trace: 'M2 3.5h12M2 8h8M2 12.5h5',
  connections: 'M5.5 1.5v3m5-3v3M3.5 4.5h9V7a4.5 4.5 0 0 1-9 0zM8 11.5v3',
  apis: 'M3 3.5h3M3 8h3m-3 4.5h3M6 3.5c4 0 2 4.5 6 4.5M6 8h6m-6 4.5c4 0 2-4.5 6-4.5m0-2 2 2-2 2',
  try: 'm2 4 4 4-4 4m6 0h6',
  failures: 'M8 2 1.5 13.5h13zM8 6.5v3.2m0 1.8v.1',
  gateway: 'M2.5 2.5h11v4h-11zm0 7h11v4h-11zM5 4.5h.1M5 11.5h.1',
};

export function Icon({ name }: { name: string }) {
  return (
    <svg viewBox="0 0 16 16" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}

export function Gate() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="7" fill="#0d5c63" />
      <g fill="none" stroke-width="2.6" stroke-linecap="round" stroke-linejoin="round">
        <path d="M8 25V14a8 8 0 0 1 16 0v11" stroke="#fff" />
        <path d="M16 25v-9m-3.4 2.6 3.4-3.4 3.4 3.4" stroke="#8fe0d6" />
      </g>
    </svg>
  );
}
