#pragma once
// A policy's global variables and what its types say of them.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/libbpf_api.h"

namespace tunesmith {

/// A whole number as it lies in memory.
struct Scalar {
  std::uint32_t size = 0;  ///< bytes: 1, 2, 4 or 8
  bool is_signed = false;
  bool is_bool = false;

  /// As C spells it: u64, s32, bool.
  std::string name() const;
  /// Whether the value can be held.
  bool holds(std::int64_t value) const;
  std::int64_t read(const void* at) const;
  void write(void* at, std::int64_t value) const;
};

struct Variable {
  std::string name;
  bpf_map* map = nullptr;  ///< its section
  std::uint32_t type = 0;
  std::uint32_t offset = 0;  ///< in its section, bytes
  bool is_constant = false;  ///< in .rodata: may be set before the load only
  std::optional<Scalar> scalar;
};

/// Global variables that have a name for the linker, in order.
std::vector<Variable> variables_of(const LibbpfApi& api, bpf_object* object);

/// A struct's own member: where it begins and how much room it has, in bytes.
struct Member {
  std::uint32_t offset = 0;
  std::uint32_t size = 0;
};

/// Nothing when the struct has no member of that name, or one without a size.
std::optional<Member> member_of(const LibbpfApi& api, const btf* types, std::uint32_t structure,
                                const char* name);

/// Behind typedefs and qualifiers.
std::uint32_t bare_type(const LibbpfApi& api, const btf* types, std::uint32_t type);

/// The values of all enumerators whose names begin so.
std::map<std::string, std::uint64_t> enumerators(const LibbpfApi& api, const btf* types,
                                                 std::string_view prefix);

}  // namespace tunesmith
