#pragma once
#include <nlohmann/json.hpp>

namespace agent {

/// Writes each {name, path, value} under debugfs and reads it back; throws when the kernel holds another
/// value.
void set_knobs(const nlohmann::json& knobs);

/// Current values by name of those {name, path} that this kernel has.
nlohmann::json read_knobs(const nlohmann::json& knobs);

}  // namespace agent
