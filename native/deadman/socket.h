#pragma once
#include <optional>
#include <string>
#include <vector>

#include "core/descriptor.h"

namespace deadman {

/// A SOCK_SEQPACKET listener at DIR/NAME, whatever the length of DIR; -1 when it cannot be had.
int listen_at(const std::string& dir, const std::string& name);
/// A request, and the descriptors that came with it.
struct Packet {
  std::string text;
  std::vector<tunesmith::Descriptor> links;
};

/// One packet, whatever its size; nothing when the other end is closed.
std::optional<Packet> receive(int fd);

}  // namespace deadman
