#include <sys/io.h>

#include "gate.h"
#include "sys.h"

namespace agent {

constexpr unsigned short kGateA = 0xe9, kGateB = 0xeb, kPvpanic = 0x505;
constexpr unsigned short kRtcIndex = 0x70, kRtcData = 0x71;

void open_ports() {
  if (iopl(3) != 0) fail("iopl", "level 3");
}

void stop_for_snapshot() {
  outb(1, kPvpanic);
}

void meet_host(Mailbox& mailbox) {
  mailbox.advance();
  outb('A', kGateA);
  mailbox.advance();
  outb('B', kGateB);
  mailbox.advance();
}

static unsigned char rtc_read(unsigned char index) {
  outb(index, kRtcIndex);
  return inb(kRtcData);
}

static void rtc_write(unsigned char index, unsigned char value) {
  outb(index, kRtcIndex);
  outb(value, kRtcData);
}

// The RTC's periodic timer at its fastest (rate 3, 8192 Hz): nobody reads register C, so after the first edge
// its interrupt line stays up and the guest is never interrupted by it. (The kernel's RTC driver, which would
// read it, is kept from starting: src/lab/qemu.ts.)
void shorten_turns() {
  rtc_write(0x0a, static_cast<unsigned char>((rtc_read(0x0a) & 0xf0) | 3));
  rtc_write(0x0b, static_cast<unsigned char>(rtc_read(0x0b) | 0x40));
}

}  // namespace agent
