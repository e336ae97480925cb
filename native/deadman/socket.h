#pragma once
#include <optional>
#include <string>

namespace deadman {

/// A SOCK_SEQPACKET listener at DIR/NAME, whatever the length of DIR; -1 when it cannot be had.
int listen_at(const std::string& dir, const std::string& name);
/// One packet, whatever its size; nothing when the other end is closed.
std::optional<std::string> receive(int fd);

}  // namespace deadman
