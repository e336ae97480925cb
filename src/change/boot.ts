import { readFileSync } from 'node:fs';
import { deadmanAddon } from './native.js';

let boot: string | undefined;

/** This boot's id: values of the kernel's are gone with their boot. */
export function bootId(): string {
  boot ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return boot;
}

/** CLOCK_BOOTTIME, ms: it goes on while the machine sleeps, and no one sets it. */
export const bootMs = (): number => Math.round(deadmanAddon().bootMs());
