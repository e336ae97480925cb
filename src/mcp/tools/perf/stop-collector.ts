import { z } from 'zod';
import { tool } from '../../tool.js';
import { collectorId } from './collector-view.js';
import { lookSchema, lookView } from './look-view.js';
import { rowsInput } from './options.js';

export const stopCollector = tool({
  name: 'observability.perf.stop_collector',
  title: 'Stop a collector',
  description: 'Ends a collector of the caller’s own and returns what it saw.',
  effect: 'observe',
  input: z.strictObject({ collector_id: collectorId, ...rowsInput }),
  output: lookSchema,
  run: ({ collector_id, top, sort }, { caller, services }) =>
    lookView(services.collectors.stop(collector_id, caller), top, sort),
});
