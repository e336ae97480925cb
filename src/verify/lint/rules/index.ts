import type { Rule } from '../rule.js';
import { CPU_RULES } from './cpus.js';
import { FAIRNESS_RULES } from './fairness.js';
import { KFUNC_RULES } from './kfuncs.js';
import { LICENCE_RULES } from './licence.js';
import { MAP_RULES } from './maps.js';
import { MEMORY_RULES } from './memory.js';
import { PLACING_RULES } from './placing.js';
import { QUEUE_RULES } from './queues.js';
import { SERVING_RULES } from './serving.js';
import { TIME_RULES } from './slices.js';
import { TABLE_RULES } from './table.js';
import { TASK_RULES } from './tasks.js';

/** Every lint rule, in the order of docs/policies.md. */
export const RULES: readonly Rule[] = [
  ...LICENCE_RULES,
  ...TABLE_RULES,
  ...PLACING_RULES,
  ...QUEUE_RULES,
  ...TIME_RULES,
  ...FAIRNESS_RULES,
  ...SERVING_RULES,
  ...CPU_RULES,
  ...TASK_RULES,
  ...KFUNC_RULES,
  ...MEMORY_RULES,
  ...MAP_RULES,
];
