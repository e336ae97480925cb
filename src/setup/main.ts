/** The part of set-up that judges versions: QEMU, libbpf, bpftool, PostgreSQL. Called by scripts/setup.sh. */
import { EXIT, messageOf, TunesmithError } from '../errors.js';
import { NEEDS } from './needs.js';
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
try {
  await providePostgres(say);
} catch (error) {
  // One workload of several: set-up goes on without it, and doctor names it.
  complain(error, 'the pgbench workload will not run: ');
}
