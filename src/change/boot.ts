import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';

/** This boot's id: values of the kernel's are gone with their boot. */
export const bootId = (): string => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();

/** CLOCK_BOOTTIME, ms: it goes on while the machine sleeps, and no one sets it. */
export const bootMs = (): number => Math.round(uptime() * 1000);
