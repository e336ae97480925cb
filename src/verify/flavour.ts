/**
 * A name as the kernel knows it: libbpf does not look at what follows its last `___` between other characters
 * (bpf_core_essential_name_len in libbpf).
 */
export function essentialName(name: string): string {
  for (let at = name.lastIndexOf('___'); at > 0; at = name.lastIndexOf('___', at - 1))
    if (name[at - 1] !== '_' && at + 3 < name.length && name[at + 3] !== '_') return name.slice(0, at);
  return name;
}
