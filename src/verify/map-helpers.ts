const QUEUES = ['QUEUE', 'STACK'];

/** Helpers that take maps of some kinds alone (the kernel's check_map_func_compatibility). */
const ONLY: ReadonlyMap<string, readonly string[]> = new Map([
  ['bpf_map_push_elem', [...QUEUES, 'BLOOM_FILTER']],
  ['bpf_map_peek_elem', [...QUEUES, 'BLOOM_FILTER']],
  ['bpf_map_pop_elem', QUEUES],
  ['bpf_map_lookup_percpu_elem', ['PERCPU_ARRAY', 'PERCPU_HASH', 'LRU_PERCPU_HASH']],
  ['bpf_task_storage_get', ['TASK_STORAGE']],
  ['bpf_task_storage_delete', ['TASK_STORAGE']],
  ['bpf_cgrp_storage_get', ['CGRP_STORAGE']],
  ['bpf_cgrp_storage_delete', ['CGRP_STORAGE']],
  ['bpf_ringbuf_output', ['RINGBUF']],
  ['bpf_ringbuf_reserve', ['RINGBUF']],
  ['bpf_ringbuf_query', ['RINGBUF']],
  ['bpf_user_ringbuf_drain', ['USER_RINGBUF']],
]);

/** Maps whose values are had through helpers of their own. */
const THEIR_OWN: ReadonlyMap<string, string> = new Map([
  ['QUEUE', 'bpf_map_push_elem, bpf_map_pop_elem, bpf_map_peek_elem'],
  ['STACK', 'bpf_map_push_elem, bpf_map_pop_elem, bpf_map_peek_elem'],
  ['BLOOM_FILTER', 'bpf_map_push_elem, bpf_map_peek_elem'],
  ['TASK_STORAGE', 'bpf_task_storage_get, bpf_task_storage_delete'],
  ['CGRP_STORAGE', 'bpf_cgrp_storage_get, bpf_cgrp_storage_delete'],
  ['RINGBUF', 'bpf_ringbuf_output, or bpf_ringbuf_reserve and bpf_ringbuf_submit'],
  ['USER_RINGBUF', 'bpf_user_ringbuf_drain'],
]);
/** Helpers for maps with keys. */
const KEYED: ReadonlySet<string> = new Set([
  'bpf_map_lookup_elem',
  'bpf_map_update_elem',
  'bpf_map_delete_elem',
]);

export const PREFIX = 'BPF_MAP_TYPE_';

/** The way out for a helper that does not take a map of this kind; both without `BPF_MAP_TYPE_`. */
export function mapHelperHint(helper: string, kind: string): string {
  const own = THEIR_OWN.get(kind);
  if (own !== undefined && !ONLY.get(helper)?.includes(kind))
    return `a map of type ${PREFIX}${kind} is used by ${own}`;
  const kinds = ONLY.get(helper);
  const keyed = 'with a key, by bpf_map_lookup_elem and bpf_map_update_elem';
  return kinds === undefined
    ? 'arrays and hashes are used with a key; queues and stacks, storage and ring buffers by helpers of their own'
    : `use this map ${keyed}, or make it a ${kinds.map((one) => PREFIX + one).join(' or ')}${kinds.some((one) => QUEUES.includes(one)) ? ' without a key' : ''}`;
}

/** Whether the kernel refuses to give a map of this kind to the helper. Kinds that are not known are taken for fitting. */
export const isRefused = (helper: string, kind: string): boolean =>
  ONLY.has(helper) ? !ONLY.get(helper)?.includes(kind) : KEYED.has(helper) && THEIR_OWN.has(kind);
