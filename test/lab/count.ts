import { z } from 'zod';

const figures = z.record(z.string(), z.number());

/** The agent’s reply to `count` (native/agent/count.h). */
export const countReply = z.object({
  pmcs: z.array(z.string()),
  refusal: z.string(),
  tasks: z.array(z.object({ instructions: z.number(), counted: figures })),
  metrics: figures,
});
