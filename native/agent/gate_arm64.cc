#include <fcntl.h>
#include <unistd.h>

#include <stdexcept>

#include "gate.h"
#include "pci.h"
#include "sys.h"

namespace agent {
namespace {

// QEMU's model of Intel's 6300ESB watchdog (Intel 6300ESB I/O Controller Hub datasheet, "Watchdog Timer"):
// two stages that count down one after the other, from 20-bit values in units of about 0.97 µs.
constexpr int kConfig = 0x60, kLock = 0x68;  // in PCI configuration space
constexpr std::uint16_t kNoReboot = 1 << 5, kMicroseconds = 1 << 2, kNoInterrupt = 3;
constexpr std::uint8_t kFreeRunning = 1 << 2, kEnable = 1 << 1;
constexpr std::size_t kStage1 = 0, kStage2 = 4, kReload = 12;  // in its memory
constexpr std::uint32_t kTurn = 126;                           // 122 µs

template <typename T>
void write_config(int fd, int at, T value) {
  if (pwrite(fd, &value, sizeof value, at) != sizeof value) fail("write", "watchdog's configuration");
}

void set_stage(char* base, std::size_t stage) {
  for (const std::uint16_t key : {0x80, 0x86})  // unlocks one write
    *reinterpret_cast<volatile std::uint16_t*>(base + kReload) = key;
  *reinterpret_cast<volatile std::uint32_t*>(base + stage) = kTurn;
}

[[noreturn]] void no_gates() {
  throw std::runtime_error("this machine has no gates: its only step comes with the boot request");
}

}  // namespace

void open_ports() {}

void stop_for_snapshot() {
  no_gates();
}

void meet_host(Mailbox&) {
  no_gates();
}

// A watchdog that neither reboots nor interrupts and starts over by itself is a periodic timer.
void shorten_turns() {
  const PciMemory watchdog = map_pci("0x8086", "0x25ab", 0);
  const std::string path = watchdog.device + "/config";
  const int config = open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (config < 0) fail("open", path);
  write_config<std::uint16_t>(config, kConfig, kNoReboot | kMicroseconds | kNoInterrupt);
  set_stage(watchdog.base, kStage1);
  set_stage(watchdog.base, kStage2);
  write_config<std::uint8_t>(config, kLock, kFreeRunning | kEnable);
  close(config);
}

}  // namespace agent
