/**
 * The part of set-up that judges versions: QEMU, libbpf, bpftool, PostgreSQL. Called by scripts/setup.sh with its mode,
 * `plain` or `dev`.
 */
import { EXIT, messageOf, TunesmithError } from '../errors.js';
import { ARM64_NEEDS, NEEDS } from './needs.js';
import { providePostgres } from './postgres.js';
import { provide } from './provide.js';
import { say } from './say.js';

const complain = (error: unknown, prefix = ''): void => {
  const hint = error instanceof TunesmithError && error.hint ? ` (${error.hint})` : '';
  say(`${prefix}${messageOf(error)}${hint}`);
};

try {
  await provide(NEEDS, say);
} catch (error) {
  complain(error);
  process.exitCode = error instanceof TunesmithError ? error.exitCode : EXIT.incapable;
}
// One architecture, and one workload of several: set-up goes on without them.
try {
  if (process.argv[2] === 'dev') await provide(ARM64_NEEDS, say);
} catch (error) {
  complain(error, 'arm64 lab guests will not run: ');
}
try {
  await providePostgres(say);
} catch (error) {
  complain(error, 'the pgbench workload will not run: ');
}
