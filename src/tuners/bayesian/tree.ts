/** A regression tree in flat arrays; node 0 is the root, `feature` −1 marks a leaf. */
export interface Tree {
  readonly feature: number[];
  readonly threshold: number[];
  /** Child for values at or below the threshold; the other one. */
  readonly left: number[];
  readonly right: number[];
  readonly value: number[];
}

/** Rows of a training set a tree may use, and what a leaf of it answers. */
export interface Growing {
  /** Coordinates in single precision (`Math.fround`), by row. */
  readonly rows: readonly (readonly number[])[];
  readonly targets: readonly number[];
  /** How often a row was drawn; 0 leaves it out. */
  readonly counts: readonly number[];
  readonly next: () => number;
}

interface Split {
  readonly feature: number;
  readonly threshold: number;
  readonly score: number;
}

/** Coordinates nearer than this are the same. */
const SAME = 1e-7;
const EPSILON = 2 ** -52;
const LEAST_DECREASE = 1e-8;

/**
 * A fully grown tree: best splits by squared error over all features, half-way between neighbours; equal splits go
 * to the feature that is looked at first, in random order. Leaves answer with the logarithm of the mean of e^target.
 * As scikit-learn's regressor grows it with SMAC3's settings.
 */
export function growTree(data: Growing): Tree {
  const tree: Tree = { feature: [], threshold: [], left: [], right: [], value: [] };
  const all = data.counts.flatMap((count, i) => (count > 0 ? [i] : []));
  const total = data.counts.reduce((sum, count) => sum + count, 0);
  grow(tree, data, all, total);
  return tree;
}

/** What a tree answers at a place. @param place in single precision */
export function answer(tree: Tree, place: readonly number[]): number {
  let node = 0;
  for (let feature = tree.feature[0] as number; feature >= 0; feature = tree.feature[node] as number)
    node = ((place[feature] as number) <= (tree.threshold[node] as number) ? tree.left : tree.right)[
      node
    ] as number;
  return tree.value[node] as number;
}

function grow(tree: Tree, data: Growing, items: readonly number[], total: number): number {
  const node = tree.feature.length;
  tree.feature.push(-1);
  tree.threshold.push(0);
  tree.left.push(-1);
  tree.right.push(-1);
  tree.value.push(leafValue(data, items));
  const { weight, mean, impurity } = spread(data, items);
  if (items.length < 2 || impurity <= EPSILON) return node;
  const split = bestSplit(data, items);
  if (!split) return node;
  const decrease = (split.score - weight * mean ** 2) / total;
  if (decrease + EPSILON < LEAST_DECREASE) return node;
  const isLeft = (i: number): boolean =>
    ((data.rows[i] as number[])[split.feature] as number) <= split.threshold;
  tree.feature[node] = split.feature;
  tree.threshold[node] = split.threshold;
  tree.left[node] = grow(tree, data, items.filter(isLeft), total);
  tree.right[node] = grow(
    tree,
    data,
    items.filter((i) => !isLeft(i)),
    total,
  );
  return node;
}

function spread({ targets, counts }: Growing, items: readonly number[]) {
  let [weight, sum, squares] = [0, 0, 0];
  for (const i of items) {
    const [count, target] = [counts[i] as number, targets[i] as number];
    weight += count;
    sum += count * target;
    squares += count * target * target;
  }
  const mean = sum / weight;
  return { weight, mean, impurity: squares / weight - mean * mean };
}

function leafValue({ targets, counts }: Growing, items: readonly number[]): number {
  let [weight, sum] = [0, 0];
  for (const i of items) {
    weight += counts[i] as number;
    sum += (counts[i] as number) * Math.exp(targets[i] as number);
  }
  return Math.log(sum / weight);
}

/** The split that leaves the least squared error; null when all rows are at one place. */
function bestSplit(data: Growing, items: readonly number[]): Split | null {
  let best: Split | null = null;
  for (const feature of shuffled((data.rows[items[0] as number] as number[]).length, data.next)) {
    const found = splitOf(data, items, feature);
    if (found && (best === null || found.score > best.score)) best = found;
  }
  return best;
}

function splitOf(data: Growing, items: readonly number[], feature: number): Split | null {
  const { rows, targets, counts } = data;
  const at = (i: number): number => (rows[i] as number[])[feature] as number;
  const order = [...items].sort((a, b) => at(a) - at(b));
  let [weight, sum, leftWeight, leftSum] = [0, 0, 0, 0];
  for (const i of order) {
    weight += counts[i] as number;
    sum += (counts[i] as number) * (targets[i] as number);
  }
  let best: Split | null = null;
  for (let p = 1; p < order.length; p++) {
    const last = order[p - 1] as number;
    leftWeight += counts[last] as number;
    leftSum += (counts[last] as number) * (targets[last] as number);
    const [below, above] = [at(last), at(order[p] as number)];
    if (above <= below + SAME) continue;
    const score = leftSum ** 2 / leftWeight + (sum - leftSum) ** 2 / (weight - leftWeight);
    if (best !== null && score <= best.score) continue;
    const middle = below / 2 + above / 2;
    best = { feature, threshold: middle === above ? below : middle, score };
  }
  return best;
}

function shuffled(count: number, next: () => number): number[] {
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(next() * (i + 1));
    [order[i], order[j]] = [order[j] as number, order[i] as number];
  }
  return order;
}
