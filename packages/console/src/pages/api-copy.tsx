import { useState } from 'preact/hooks';
import type { ApiParts } from '../gateway/apis.ts';
import { call } from '../gateway/call.ts';
import { useQuery } from '../gateway/use-query.ts';
import { Code, download } from '../ui/code.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Loading, Problem, Tabs } from '../ui/parts.tsx';
import { awsCommands } from '../words/api-commands.ts';

const FORMATS = {
  'postern.yaml': 'postern',
  CloudFormation: 'cloudformation',
  SAM: 'sam',
  Terraform: 'terraform',
  AsyncAPI: 'asyncapi',
  'aws CLI': 'aws',
} as const;
type Format = keyof typeof FORMATS;

interface Exported {
  readonly text: string;
  readonly notes: readonly string[];
}

/** The API as something to keep: here, on another gateway, or on AWS. */
export function CopyAs({ parts, onClose }: { parts: ApiParts; onClose(): void }) {
  const [format, setFormat] = useState<Format>('postern.yaml');
  const { apiId, name } = parts.api;
  const { data, error } = useQuery(`${apiId} ${format}`, async (): Promise<Exported> => {
    if (format === 'aws CLI') return { text: awsCommands(parts), notes: [] };
    return call<Exported>(`/@api/apis/${apiId}/export?format=${FORMATS[format]}`);
  });
  return (
    <Dialog
      title={`Copy ${name} as`}
      onClose={onClose}
      footer={
        data && (
          <button
            type="button"
            class="button"
            onClick={() => download(`${name}.${endingOf(format)}`, data.text, 'text/plain')}
          >
            Download
          </button>
        )
      }
    >
      <Tabs
        label="Formats"
        names={Object.keys(FORMATS) as Format[]}
        selected={format}
        onSelect={(name) => setFormat(name)}
      />
      {error && <Problem error={error} />}
      {!data && !error && <Loading what="Writing it …" />}
      {data?.notes.map((note) => (
        <p key={note} class="note warn">
          {note}
        </p>
      ))}
      {data && <Code text={data.text} />}
    </Dialog>
  );
}

function endingOf(format: Format): string {
  if (format === 'aws CLI') return 'sh';
  return format === 'Terraform' ? 'tf' : 'yaml';
}
