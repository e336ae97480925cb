#pragma once
// The functions of libbpf that policies need, as a table: the agent links them, the addon finds them at run
// time (a machine without libbpf still loads it), and a build without libbpf has none.
#include <bpf/btf.h>
#include <bpf/libbpf.h>

// clang-format off
#define TUNESMITH_LIBBPF(X)                                                                                   \
  X(libbpf_set_print)                                                                                         \
  X(bpf_object__open_mem) X(bpf_object__load) X(bpf_object__close) X(bpf_object__btf)                         \
  X(bpf_object__next_map) X(bpf_object__next_program)                                                         \
  X(bpf_map__name) X(bpf_map__type) X(bpf_map__map_flags) X(bpf_map__fd) X(bpf_map__value_size)               \
  X(bpf_map__initial_value) X(bpf_map__btf_value_type_id) X(bpf_map__attach_struct_ops)                       \
  X(bpf_program__name) X(bpf_program__type) X(bpf_program__autoload) X(bpf_program__attach)                   \
  X(bpf_program__set_log_buf) X(bpf_program__set_log_level)                                                   \
  X(bpf_link__destroy)                                                                                        \
  X(bpf_link__fd)                                                                                             \
  X(btf__load_vmlinux_btf) X(btf__free) X(btf__type_cnt) X(btf__type_by_id) X(btf__name_by_offset)            \
  X(btf__resolve_size)
// clang-format on

namespace tunesmith {

struct LibbpfApi {
#define TUNESMITH_MEMBER(name) decltype(&::name) name;
  TUNESMITH_LIBBPF(TUNESMITH_MEMBER)
#undef TUNESMITH_MEMBER
};

/// Null when there is no libbpf here, or one older than 1.4, which cannot change a struct_ops before its
/// load. Each product defines this for itself.
const LibbpfApi* libbpf_api();

}  // namespace tunesmith
