/** One thing this machine can or cannot do: `doctorRowSchema` says the fields. Apart from it, as a schema library loads slowly. */
export interface DoctorRow {
  readonly id: string;
  readonly name: string;
  readonly state: 'ok' | 'degraded' | 'missing';
  readonly required: boolean;
  readonly found: string;
  readonly cost: string;
  readonly fix: string;
}

type Label = Pick<DoctorRow, 'id' | 'name'> & { readonly required?: boolean };

/** A row where all is well. */
export const ok = ({ id, name, required = false }: Label, found: string): DoctorRow => ({
  ...{ id, name, state: 'ok', required, found },
  ...{ cost: '', fix: '' },
});

/** A row that is there but not as it should be. */
export const degraded = (
  { id, name, required = false }: Label,
  found: string,
  cost: string,
  fix = '',
): DoctorRow => ({
  ...{ id, name, state: 'degraded', required, found },
  ...{ cost, fix },
});

/** A row that is not there, or of no use. */
export const missing = (label: Label, found: string, cost: string, fix = ''): DoctorRow => ({
  ...degraded(label, found, cost, fix),
  state: 'missing',
});
