#include "mailbox.h"

#include <cstring>
#include <stdexcept>

#include "pci.h"
#include "sys.h"

namespace agent {

Mailbox::Mailbox() {
  const PciMemory memory = map_pci("0x1af4", "0x1110", 2);
  base_ = memory.base;
  size_ = memory.bytes;
  header()->magic = kMagic;
  header()->version = kVersion;
}

std::string Mailbox::request() const {
  const std::size_t bytes = header()->request_bytes;
  if (bytes > kReplyOffset - kRequestOffset) throw std::runtime_error("mailbox: request too long");
  return {base_ + kRequestOffset, bytes};
}

void Mailbox::reply(std::string_view text) {
  if (text.size() > kBulkOffset - kReplyOffset) throw std::runtime_error("mailbox: reply too long");
  std::memcpy(base_ + kReplyOffset, text.data(), text.size());
  header()->reply_bytes = static_cast<std::uint32_t>(text.size());
}

void Mailbox::advance() {
  header()->tsc = read_tsc();
  header()->phase = header()->phase + 1;
}

void Mailbox::finish() {
  header()->phase = kFinished;
}

}  // namespace agent
