import type { StageChoice } from '../gateway/apis.ts';
import { SelectField } from '../ui/parts.tsx';

/** A stage, by its API and name. Both are empty where none is chosen. */
export interface ChosenStage {
  readonly apiId: string;
  readonly stage: string;
}

export interface StageFieldProps {
  readonly value: ChosenStage;
  readonly stages: readonly StageChoice[];
  /** What choosing none is called; absent where one must be chosen. */
  readonly none?: string;
  onChange(chosen: ChosenStage): void;
}

export function StageField({ value, stages, none, onChange }: StageFieldProps) {
  const options = stages.map(
    ({ apiId, apiName, stage }) => [`${apiId}/${stage}`, `${apiName} · ${stage}`] as const,
  );
  return (
    <SelectField
      label="API and stage"
      value={value.apiId && `${value.apiId}/${value.stage}`}
      options={none === undefined ? options : [['', none], ...options]}
      onChange={(chosen) => {
        const [apiId = '', stage = ''] = chosen.split('/', 2);
        onChange({ apiId, stage });
      }}
    />
  );
}
