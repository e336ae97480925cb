import { z } from 'zod';
import type { Collector } from '../../desk/collectors.js';

export const collectorSchema = z.object({
  collector_id: z.string(),
  caller: z.string(),
  by: z.string(),
  counted: z.array(z.string()).describe('events that are really counted'),
  pmc_refusal: z.string().describe('why some are not; empty when all are'),
  remaining_sec: z.number(),
});

export const collectorView = (collector: Collector): z.output<typeof collectorSchema> => ({
  collector_id: collector.id,
  caller: collector.caller,
  by: collector.options.by ?? 'task',
  counted: [...collector.counted],
  pmc_refusal: collector.pmcRefusal,
  remaining_sec: Math.ceil(collector.remainingMs / 1000),
});

export const collectorId = z
  .string()
  .regex(/^col_[0-9a-f]{8}$/)
  .describe('as start_collector returned it');
