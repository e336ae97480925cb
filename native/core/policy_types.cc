#include "core/policy_types.h"

#include <cstring>

namespace tunesmith {
namespace {

const char* name_at(const LibbpfApi& api, const btf* types, std::uint32_t offset) {
  const char* name = api.btf__name_by_offset(types, offset);
  return name == nullptr ? "" : name;
}

std::optional<Scalar> scalar_of(const LibbpfApi& api, const btf* types, std::uint32_t type) {
  const btf_type* found = api.btf__type_by_id(types, bare_type(api, types, type));
  if (found == nullptr || found->size > 8) return std::nullopt;
  if (btf_is_int(found)) {
    const std::uint8_t encoding = btf_int_encoding(found);
    return Scalar{found->size, (encoding & BTF_INT_SIGNED) != 0, (encoding & BTF_INT_BOOL) != 0};
  }
  if (btf_is_any_enum(found)) return Scalar{found->size, btf_kflag(found), false};
  return std::nullopt;
}

void add_section(const LibbpfApi& api, const btf* types, bpf_map* map, std::vector<Variable>& out) {
  const btf_type* section = api.btf__type_by_id(types, api.bpf_map__btf_value_type_id(map));
  if (section == nullptr || !btf_is_datasec(section)) return;
  const bool is_constant = (api.bpf_map__map_flags(map) & BPF_F_RDONLY_PROG) != 0;
  const btf_var_secinfo* entry = btf_var_secinfos(section);
  for (int left = btf_vlen(section); left > 0; --left, ++entry) {
    const btf_type* variable = api.btf__type_by_id(types, entry->type);
    if (variable == nullptr || !btf_is_var(variable) || btf_var(variable)->linkage == BTF_VAR_STATIC)
      continue;
    out.push_back({name_at(api, types, variable->name_off), map, variable->type, entry->offset, is_constant,
                   scalar_of(api, types, variable->type)});
  }
}

std::uint64_t narrow_value(const btf_type* type, int i) {
  const std::int32_t value = btf_enum(type)[i].val;
  return btf_kflag(type) ? static_cast<std::uint64_t>(std::int64_t{value})
                         : static_cast<std::uint32_t>(value);
}

}  // namespace

std::string Scalar::name() const {
  if (is_bool) return "bool";
  std::string out = is_signed ? "s" : "u";
  return out += std::to_string(size * 8);
}

bool Scalar::holds(std::int64_t value) const {
  if (is_bool) return value == 0 || value == 1;
  if (!is_signed) return value >= 0 && (size == 8 || value >> (size * 8) == 0);
  const std::int64_t top = value >> (size * 8 - 1);
  return top == 0 || top == -1;
}

// Both machines this is built for are little-endian, so the low bytes come first.
std::int64_t Scalar::read(const void* at) const {
  std::uint64_t bits = 0;
  std::memcpy(&bits, at, size);
  const int unused = 64 - static_cast<int>(size) * 8;
  return is_signed ? static_cast<std::int64_t>(bits << unused) >> unused : static_cast<std::int64_t>(bits);
}

void Scalar::write(void* at, std::int64_t value) const {
  std::memcpy(at, &value, size);
}

std::vector<Variable> variables_of(const LibbpfApi& api, bpf_object* object) {
  std::vector<Variable> out;
  const btf* types = api.bpf_object__btf(object);
  for (bpf_map* map = nullptr; (map = api.bpf_object__next_map(object, map)) != nullptr;)
    if (api.bpf_map__type(map) == BPF_MAP_TYPE_ARRAY) add_section(api, types, map, out);
  return out;
}

std::optional<Member> member_of(const LibbpfApi& api, const btf* types, std::uint32_t structure,
                                const char* name) {
  const btf_type* type = api.btf__type_by_id(types, bare_type(api, types, structure));
  if (type == nullptr || !btf_is_struct(type)) return std::nullopt;
  for (std::uint32_t i = 0; i < btf_vlen(type); ++i) {
    const btf_member& member = btf_members(type)[i];
    if (std::strcmp(name_at(api, types, member.name_off), name) != 0) continue;
    const auto size = api.btf__resolve_size(types, member.type);
    if (size <= 0) return std::nullopt;
    return Member{btf_member_bit_offset(type, i) / 8, static_cast<std::uint32_t>(size)};
  }
  return std::nullopt;
}

std::uint32_t bare_type(const LibbpfApi& api, const btf* types, std::uint32_t type) {
  const btf_type* found = api.btf__type_by_id(types, type);
  while (found != nullptr && (btf_is_mod(found) || btf_is_typedef(found))) {
    type = found->type;
    found = api.btf__type_by_id(types, type);
  }
  return type;
}

std::map<std::string, std::uint64_t> enumerators(const LibbpfApi& api, const btf* types,
                                                 std::string_view prefix) {
  std::map<std::string, std::uint64_t> out;
  for (std::uint32_t id = 1; id < api.btf__type_cnt(types); ++id) {
    const btf_type* type = api.btf__type_by_id(types, id);
    if (!btf_is_any_enum(type)) continue;
    const bool is_wide = btf_is_enum64(type);
    for (int i = 0; i < btf_vlen(type); ++i) {
      const char* name =
          name_at(api, types, is_wide ? btf_enum64(type)[i].name_off : btf_enum(type)[i].name_off);
      if (std::string_view(name).starts_with(prefix))
        out[name] = is_wide ? btf_enum64_value(&btf_enum64(type)[i]) : narrow_value(type, i);
    }
  }
  return out;
}

}  // namespace tunesmith
