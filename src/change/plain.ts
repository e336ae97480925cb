import type { z } from 'zod';
import type { changeSchema } from './schema.js';
import type { Change } from './types.js';

/** A change for the faces' JSON (`changeSchema`): the same object, its arrays and records their own. */
export const plainChange = (change: Change): z.infer<typeof changeSchema> => ({
  ...change,
  before: { ...change.before },
  after: { ...change.after },
  items: change.items.map((item) => ({ ...item })),
  notes: [...change.notes],
});
