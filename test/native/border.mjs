/** Every entry point of the addon with arguments that nobody should give; prints how often it threw and returned. */
import { createRequire } from 'node:module';
import { isMainThread, Worker, workerData } from 'node:worker_threads';

const root = isMainThread ? process.argv[2] : workerData;
const addon = createRequire(`${root}/package.json`)('node-gyp-build')(root);

const SETTINGS = {
  by: 1,
  source: 0,
  keys: 64,
  tasks: 64,
  hierarchy: 0,
  sampleEvery: 1,
  budget: 0,
  outlierNs: 0,
  ringBytes: 4096,
  processes: [],
  cpus: [],
  cgroup: '',
  pmcs: [],
};
const BAD = [
  undefined,
  null,
  true,
  -1,
  -0,
  0.5,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  -(2 ** 63),
  1e308,
  NaN,
  Infinity,
  10n ** 40n,
  '',
  'x\0y',
  'ß'.repeat(100_000),
  'a'.repeat(2 ** 20),
  Symbol('s'),
  [],
  [-1],
  [2 ** 31],
  [NaN, {}],
  new Array(2 ** 32 - 1),
  Array(5000).fill(1),
  {},
  { by: -1 },
  { length: 2 ** 31 },
  { ...SETTINGS, keys: 2 ** 31 },
  { ...SETTINGS, tasks: -1 },
  { ...SETTINGS, ringBytes: 2 ** 31 },
  { ...SETTINGS, cpus: [2 ** 31] },
  { ...SETTINGS, processes: Array(2000).fill(1) },
  { ...SETTINGS, cgroup: 'x'.repeat(1e6) },
  { ...SETTINGS, pmcs: [1] },
  { ...SETTINGS, by: 99 },
  { ...SETTINGS, budget: NaN },
  { ...SETTINGS, outlierNs: -1 },
  {
    get by() {
      throw new Error('a getter');
    },
  },
  new Proxy({}, { get: () => ({}) }),
  new Proxy([], {}),
  () => {},
  /x/,
  new Date(),
  Buffer.alloc(0),
  Buffer.from('\x7fELF'),
  Buffer.alloc(1 << 20, 255),
  new Uint8Array(8),
  new ArrayBuffer(8),
  new DataView(new ArrayBuffer(8)),
];

/** Handles of every kind, open and closed, as far as this machine gives them. */
const handles = [];
try {
  const sampler = addon.openSampler(SETTINGS);
  const { handle } = addon.takeSnapshot(sampler);
  const closed = addon.openSampler(SETTINGS);
  addon.closeSampler(closed);
  handles.push(sampler, handle, closed);
} catch (error) {
  if (!error.reason) throw error;
}
const values = [...BAD, ...handles];
let [threw, returned] = [0, 0];

function call(name, ...args) {
  try {
    addon[name].apply(values[(threw + returned) % values.length], args);
    returned++;
  } catch (error) {
    if (!(error instanceof Error) || String(error.message) === '') throw new Error(`${name} threw no error`);
    threw++;
  }
}

// What ends or starts processes and closes descriptors gets no argument that is one.
const names = Object.keys(addon).filter((name) => typeof addon[name] === 'function');
for (const name of names) {
  call(name);
  for (const one of values) {
    call(name, one);
    call(name, one, one, one, one);
    for (const other of [-1, 2 ** 31, NaN, '', 'name', 2 ** 53, {}, [], ...handles]) {
      if (name === 'startDeadman' || name === 'endDeadman') continue;
      call(name, one, other);
      call(name, other, one);
      call(name, one, other, one);
    }
  }
}
for (const bad of [-1, 2 ** 31, NaN, 0.5, '', {}, undefined]) {
  call('startDeadman', '/bin/false', '/tmp', bad, 1000, '');
  call('startDeadman', '/bin/false', '/tmp', 1000, bad, '');
  call('endDeadman', -1, bad === '' ? -1 : bad);
}
if (names.length < 20) throw new Error(`only ${names.length} functions`);
if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url), { workerData: root });
  worker.once('exit', (code) => {
    console.log(
      JSON.stringify({ functions: names.length, threw, returned, handles: handles.length, worker: code }),
    );
  });
}
