/** One choice of the genes policy: the tunable of that name, what it may be, and when it counts at all. */
export interface Gene {
  readonly name: string;
  /** Neighbours are alike where the gene is a quantity. */
  readonly levels: readonly number[];
  readonly kind: 'choice' | 'quantity';
  /** Whether it changes anything beside these other choices; always, unless said. */
  readonly counts?: (genome: Genome) => boolean;
}

/** A value for every gene, by name: the tunables of policies/genes. */
export type Genome = Readonly<Record<string, number>>;

const [US, MS] = [1e3, 1e6];

const hasQueues = ({ queue_cpus }: Genome): boolean => queue_cpus !== 0;
const isVirtual = ({ time_base }: Genome): boolean => time_base === 1;
const isPlainQueue = ({ time_base, lead_by }: Genome): boolean => time_base === 0 && lead_by === 0;
/** All CPUs share one queue in order of arrival. */
export const isPlainShared = (genome: Genome): boolean => isPlainQueue(genome) && !hasQueues(genome);
const hasLead = ({ lead_by = 0 }: Genome): boolean => lead_by >= 2;
const leadsByBurst = ({ lead_by = 0 }: Genome): boolean => lead_by >= 3;
const interrupts = ({ wakes }: Genome): boolean => wakes === 2;

/** Every gene; those that others depend on come before them. */
export const GENES: readonly Gene[] = [
  { name: 'queue_cpus', kind: 'choice', levels: [0, 1, 2] },
  { name: 'time_base', kind: 'choice', levels: [0, 1] },
  { name: 'lead_by', kind: 'choice', levels: [0, 1, 2, 3, 4] },
  { name: 'wakes', kind: 'choice', levels: [0, 1, 2, 3] },
  { name: 'keep_local', kind: 'choice', levels: [0, 1], counts: isPlainShared },
  { name: 'steal_margin', kind: 'quantity', levels: [0, 1, 3], counts: hasQueues },
  { name: 'lead_ns', kind: 'quantity', levels: [1 * MS, 4 * MS, 16 * MS, 64 * MS], counts: hasLead },
  {
    name: 'burst_ns',
    kind: 'quantity',
    levels: [250 * US, 1 * MS, 4 * MS, 16 * MS],
    counts: leadsByBurst,
  },
  { name: 'credit_ns', kind: 'quantity', levels: [0, 1 * MS, 3 * MS, 10 * MS, 30 * MS], counts: isVirtual },
  { name: 'patience_ns', kind: 'quantity', levels: [20 * MS, 100 * MS, 400 * MS], counts: isVirtual },
  { name: 'newcomers_wait', kind: 'choice', levels: [0, 1], counts: isVirtual },
  {
    name: 'slice_ns',
    kind: 'quantity',
    levels: [500 * US, 1 * MS, 2 * MS, 3 * MS, 6 * MS, 12 * MS, 24 * MS],
  },
  { name: 'slice_by', kind: 'choice', levels: [0, 1, 2, 3] },
  { name: 'place_by', kind: 'choice', levels: [0, 1, 2, 3, 4] },
  { name: 'forks_stay', kind: 'choice', levels: [0, 1] },
  {
    name: 'quiet_ns',
    kind: 'quantity',
    levels: [0, 30 * US, 100 * US, 300 * US, 1 * MS],
    counts: interrupts,
  },
  { name: 'margin_ns', kind: 'quantity', levels: [0, 300 * US, 1 * MS, 3 * MS], counts: interrupts },
  { name: 'second_victim', kind: 'choice', levels: [0, 1], counts: interrupts },
  { name: 'batch', kind: 'quantity', levels: [1, 2, 4] },
  { name: 'kthreads_first', kind: 'choice', levels: [0, 1] },
];

/** What the policy is without a search: the defaults of its source. */
export const DEFAULTS: Genome = {
  queue_cpus: 0,
  time_base: 1,
  lead_by: 0,
  wakes: 1,
  keep_local: 0,
  steal_margin: 1,
  lead_ns: 16 * MS,
  burst_ns: 4 * MS,
  credit_ns: 3 * MS,
  patience_ns: 100 * MS,
  newcomers_wait: 1,
  slice_ns: 3 * MS,
  slice_by: 0,
  place_by: 1,
  forks_stay: 0,
  quiet_ns: 100 * US,
  margin_ns: 0,
  second_victim: 0,
  batch: 1,
  kthreads_first: 0,
};

/** In a plain queue nobody comes before a running task, so that nobody is to be interrupted. */
export const withoutVainInterrupts = (genome: Genome): Genome =>
  isPlainQueue(genome) && interrupts(genome) ? { ...genome, wakes: 1 } : genome;
