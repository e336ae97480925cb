import { z } from 'zod';
import { CHANGE_STATES } from '../../../change/types.js';
import { tool } from '../../tool.js';
import { changeSchema, changeView } from './change-view.js';

export const listChanges = tool({
  name: 'os.scheduler.list_changes',
  title: 'List changes',
  description:
    'Changes of everybody, newest first: what is staged and for how long, what was kept, what ended and why.',
  effect: 'read',
  input: z.strictObject({
    states: z.array(z.enum(CHANGE_STATES)).min(1).optional().describe('only these'),
    limit: z.int().min(1).max(200).default(20),
  }),
  output: z.object({ changes: z.array(changeSchema) }),
  run: ({ states, limit }, { services }) => ({
    changes: services.changes.list({ limit, ...(states ? { states } : {}) }).map(changeView),
  }),
});
