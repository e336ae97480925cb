/** What a lab guest’s CPUs are, in the words of `process.arch`. */
export type Arch = 'x64' | 'arm64';

export const ARCHES: readonly Arch[] = ['x64', 'arm64'];

/** Debian’s word for it, as in the names of kernel packages. */
export const debianArch = (arch: Arch): string => (arch === 'arm64' ? 'arm64' : 'amd64');

/** What a kernel’s release says it is made for: Debian’s end with the flavour and the architecture. */
export const archOfRelease = (release: string): Arch => (release.endsWith('-arm64') ? 'arm64' : 'x64');

/**
 * Whether a guest is given its only step at boot. An arm64 machine has no I/O ports, so no gates at which it could wait
 * for the next one, and no instruction that stops it for a snapshot.
 */
export const isOneShot = ({ arch }: { readonly arch: Arch }): boolean => arch === 'arm64';
