#pragma once
// The deadman at work: holds the undo lists that one process has staged, and a lease on each.
//
// Requests and replies are packets of text on SOCK_SEQPACKET sockets: that of the owner, who stages, and
// PID.sock in the state directory, where any process of the same user may commit or revert.
//
//   stage <tab> ID <tab> TTL_MS <newline> ITEMS   (with the links to hold as descriptors)
//       ok <tab> HOW-MANY-MORE | failed <tab> INDEX <tab> WHAT <tab> FOUND | no <tab> ERROR
//       ITEMS: lines of a list (list.h). HOW-MANY-MORE: tasks of the scope that came meanwhile.
//   commit <tab> ID [<tab> force]
//       ok | differs <tab> INDEX <tab> foreign|gone <tab> FOUND <tab> HOW-MANY | no <tab> STATE
//   extend <tab> ID <tab> TTL_MS      ok | no <tab> STATE
//   revert <tab> ID <tab> REASON      ok | stuck | busy <tab> PID | no <tab> ERROR
//   renew                             ok [<tab> ID]…: what has ended since the last time
//
// Whatever the owner asks is a sign of life. The lease counts the time that the machine is awake
// (CLOCK_MONOTONIC): one that slept has kept its owner from speaking. Time to live goes on meanwhile.
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "deadman/socket.h"
#include "deadman/undo.h"

namespace deadman {

class Server {
 public:
  Server(std::string dir, std::uint64_t lease_ns, int owner);
  ~Server();
  /// Serves until the owner is gone (and no committed link is held) or this process is told to end;
  /// everything staged has been put back then.
  int run();

 private:
  struct Staged {
    Undo undo;
    std::uint64_t deadline_ns;
  };

  /// By the order of staging.
  struct Earlier {
    bool operator()(const std::string& a, const std::string& b) const { return is_earlier(a, b); }
  };

  /// False: the other end is closed.
  bool serve(int fd);
  std::string answer(Packet& packet, bool is_owner);
  std::string stage(const std::string& id, const std::string& ttl, const std::string& items,
                    std::vector<tunesmith::Descriptor> links);
  std::string commit(const std::string& id, bool is_forced);
  std::string extend(const std::string& id, const std::string& ttl);
  std::string revert(const std::string& id, const std::string& reason);
  std::string renew();
  void end(const std::string& id, const char* reason);
  void end_all(const char* reason);
  void expire();
  void set_timer();
  /// Until the lease's end, ms; -1: nothing depends on it.
  int lease_left_ms() const;

  std::string dir_;
  std::uint64_t lease_ns_;
  /// CLOCK_MONOTONIC.
  std::uint64_t lease_end_ns_;
  int owner_;
  int timer_;
  /// When it rings; 0: it is not set.
  std::uint64_t rings_at_ns_ = 0;
  int signals_;
  int listener_;
  std::string socket_name_;
  std::vector<int> guests_;
  std::map<std::string, Staged, Earlier> staged_;
  /// Committed changes with links: we hold those, and the lock on the list, for as long as we live.
  std::map<std::string, Staged, Earlier> kept_;
  std::vector<std::string> ended_;
};

/// CLOCK_BOOTTIME, ns: it goes on while the machine sleeps, and no one sets it.
std::uint64_t now_ns();

}  // namespace deadman
