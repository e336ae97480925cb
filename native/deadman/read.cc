#include "deadman/read.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "core/descriptor.h"

namespace deadman {

Reading read_file(const std::string& path) {
  const tunesmith::Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.open()) return {errno, ""};
  std::string text;
  char part[4096];
  ssize_t got = 0;
  do {
    got = read(file.get(), part, sizeof part);
    if (got > 0) text.append(part, got);
  } while (got == sizeof part && text.size() < 65536);
  return {got < 0 ? errno : 0, std::move(text)};
}

std::string trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t\n");
  return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(" \t\n") + 1 - first);
}

std::vector<std::string> split(const std::string& text, char by) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(by, at), text.size());
    parts.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

}  // namespace deadman
