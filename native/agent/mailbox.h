#pragma once
// The shared page between host and guest: BAR 2 of an ivshmem device, mapped without a driver. The host
// writes a request and reads the reply only while the guest is frozen at a gate (or waits at it, when it is
// live), so nothing in it races.
#include <cstdint>
#include <string>
#include <string_view>

namespace agent {

/// Byte layout, shared with src/lab/mailbox.ts. All fields little-endian.
struct MailboxHeader {
  std::uint32_t magic;
  std::uint32_t version;
  std::uint64_t phase;  ///< counts up by one at each point of the handshake, see gate.h
  std::uint64_t tsc;    ///< guest TSC when the phase last changed: the fingerprint of a session
  std::uint32_t request_bytes;
  std::uint32_t reply_bytes;
  std::uint64_t export_bytes;  ///< bytes of the bulk area filled by an export or exec request
  std::uint64_t posted;        ///< requests so far to a live guest, counted by the host, see gate.h
};

constexpr std::uint32_t kMagic = 0x424d5354;  // "TSMB"
constexpr std::uint32_t kVersion = 2;
constexpr std::uint64_t kFinished = 5;
constexpr std::size_t kRequestOffset = 4096;
constexpr std::size_t kReplyOffset = 4 * 1024 * 1024;  // a request may bring a policy's object
constexpr std::size_t kBulkOffset = 8 * 1024 * 1024;   // a reply may carry a verifier's log

class Mailbox {
 public:
  /// Finds PCI device 1af4:1110, enables its memory and maps BAR 2.
  Mailbox();
  std::string request() const;
  void reply(std::string_view text);
  std::uint64_t posted() const { return header()->posted; }
  /// Moves the handshake on and stamps the guest's clock.
  void advance();
  /// The only step of a guest without gates is done: where the second gate would be. The stamp stays that of
  /// the step's beginning, because the host, which nothing freezes for, reads it some time after.
  void finish();
  /// The bulk area behind the reply (empty with an 8 MiB mailbox).
  char* bulk() const { return base_ + kBulkOffset; }
  std::size_t bulk_size() const { return size_ > kBulkOffset ? size_ - kBulkOffset : 0; }
  void set_export_bytes(std::uint64_t bytes) { header()->export_bytes = bytes; }

 private:
  volatile MailboxHeader* header() const { return reinterpret_cast<volatile MailboxHeader*>(base_); }
  char* base_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace agent
