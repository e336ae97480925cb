import { z } from 'zod';
import { tool } from '../../tool.js';
import { collectorId } from './collector-view.js';
import { lookSchema, lookView } from './look-view.js';
import { rowsInput } from './options.js';

export const readCollector = tool({
  name: 'observability.perf.read_collector',
  title: 'Read a collector',
  description: 'What a collector has seen since it was started.',
  effect: 'read',
  input: z.strictObject({ collector_id: collectorId, ...rowsInput }),
  output: lookSchema,
  run: ({ collector_id, top, sort }, { services }) =>
    lookView(services.collectors.read(collector_id), top, sort),
});
