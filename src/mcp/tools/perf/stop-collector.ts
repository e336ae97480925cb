import { z } from 'zod';
import { tool } from '../../tool.js';
import { collectorId } from './collector-view.js';
import { lookSchema, lookView } from './look-view.js';
import { topInput } from './options.js';

export const stopCollector = tool({
  name: 'observability.perf.stop_collector',
  title: 'Stop a collector',
  description: 'Ends a collector of the caller’s own and returns what it saw.',
  effect: 'observe',
  input: z.strictObject({ collector_id: collectorId, top: topInput }),
  output: lookSchema,
  run: ({ collector_id, top }, { caller, services }) =>
    lookView(services.collectors.stop(collector_id, caller), top),
});
