import { z } from 'zod';
import { tool } from '../../tool.js';
import { collectorSchema, collectorView } from './collector-view.js';

export const listCollectors = tool({
  name: 'observability.perf.list_collectors',
  title: 'List collectors',
  description: 'Collectors that run now, whoever started them.',
  effect: 'read',
  input: z.strictObject({}),
  output: z.object({ collectors: z.array(collectorSchema) }),
  run: (_, { services }) => ({ collectors: services.collectors.list().map(collectorView) }),
});
