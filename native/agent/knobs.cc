#include "knobs.h"

#include <stdexcept>

#include "sys.h"

namespace agent {

using nlohmann::json;

static std::string path_of(const json& knob) {
  return "/sys/kernel/debug/" + knob.at("path").get<std::string>();
}

static std::uint64_t read_value(const std::string& path) {
  return std::stoull(read_file(path));
}

void set_knobs(const json& knobs) {
  for (const json& knob : knobs) {
    const std::string path = path_of(knob);
    const std::uint64_t wanted = knob.at("value").get<std::uint64_t>();
    write_file(path, std::to_string(wanted));
    if (const std::uint64_t got = read_value(path); got != wanted)
      throw std::runtime_error("knob " + knob.at("name").get<std::string>() + ": wrote " +
                               std::to_string(wanted) + ", kernel holds " + std::to_string(got));
  }
}

json read_knobs(const json& knobs) {
  json values = json::object();
  for (const json& knob : knobs)
    if (const std::string path = path_of(knob); exists(path))
      values[knob.at("name").get<std::string>()] = read_value(path);
  return values;
}

}  // namespace agent
