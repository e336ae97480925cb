/**
 * What is known to be wrong with a kernel build, or undefined. These two Debian kernels describe `scx_bpf_create_dsq`
 * in their BTF with its implicit third argument, so libbpf cannot resolve it and no policy that creates a dispatch
 * queue loads; measured with Debian's 7.1.13 and 7.2.12, sound in 7.0.13 and 7.3.4.
 */
export function knownIssue(release: string): string | undefined {
  return /^7\.(1\.13|2\.12)(?!\d)/.test(release)
    ? `${release}: policies that create a dispatch queue do not load (its BTF misdescribes scx_bpf_create_dsq)`
    : undefined;
}
