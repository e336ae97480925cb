#pragma once
#include <nlohmann/json.hpp>

#include "mailbox.h"

namespace agent {

/// Copies files and directory trees out through the mailbox's bulk area as a newc cpio archive, the format
/// the host's images are made of, so that what a guest made can go into the next guest as it is. Owners,
/// modes and links are kept, times are zeroed. Replies {bytes}; throws when the area is too small, naming
/// both sizes.
nlohmann::json export_files(const nlohmann::json& paths, Mailbox& mailbox);

}  // namespace agent
