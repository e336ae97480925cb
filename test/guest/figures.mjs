/**
 * How long a functional guest takes, and how much memory: `node test/guest/figures.mjs [kernel] [cpus]`, after
 * `npm run build`. The guest's CPU time is printed beside the wall-clock time, for hosts that are busy.
 */
import { readFileSync } from 'node:fs';
import { bootFunctional } from '../../dist/lab/functional/guest.js';
import { functionalEntries, looseImage } from '../../dist/lab/functional/image.js';

const [kernel = '6.18', cpus = '2'] = process.argv.slice(2);
const began = { wall: Date.now(), cpu: 0 };
let guest;

/** CPU time of QEMU so far, ms: utime and stime of proc(5), in ticks of 10 ms. */
const cpuMs = () => {
  if (guest === undefined) return 0;
  const [utime, stime] = readFileSync(`/proc/${guest.machine.pid}/stat`, 'utf8')
    .split(') ')[1]
    .split(' ')
    .slice(11);
  return (Number(utime) + Number(stime)) * 10;
};
const status = (field) =>
  Math.round(/\d+/.exec(readFileSync(`/proc/${guest.machine.pid}/status`, 'utf8').split(field)[1])[0] / 1024);

function lap(what) {
  const now = { wall: Date.now(), cpu: cpuMs() };
  console.log(
    `${what.padEnd(44)} ${now.wall - began.wall} ms wall, ${now.cpu - began.cpu} ms of QEMU's CPU time`,
  );
  Object.assign(began, { wall: Date.now(), cpu: cpuMs() });
}

const image = looseImage(await functionalEntries());
lap(`image alone (${Math.round(image.bytes / 1e6)} MB)`);
image.close();
guest = await bootFunctional({ kernel, cpus: Number(cpus) });
lap(`boot of ${kernel}, ${cpus} CPUs, image included`);
for (const argv of [
  ['true'],
  ['true'],
  ['node', '-e', '0'],
  ['node', '-e', '0'],
  ['tunesmith', '--version'],
  ['tunesmith', '--version'],
  ['tunesmith', 'doctor', '--json'],
]) {
  await guest.exec(argv);
  lap(argv.join(' '));
}
await new Promise((resolve) => setTimeout(resolve, 5000));
lap('idle for five seconds');
console.log(`memory: ${status('VmRSS:')} MiB resident, of which ${status('RssAnon:')} MiB are QEMU's own`);
await guest.close();
