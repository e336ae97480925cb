#pragma once
#include <cstddef>
#include <string>

namespace agent {

/// Memory of a PCI device, mapped for the rest of this process's life; no driver is needed.
struct PciMemory {
  std::string device;  ///< its directory in sysfs
  char* base = nullptr;
  std::size_t bytes = 0;
};

/// Finds the device with these ids, as sysfs writes them ("0x1af4"), enables its memory and maps one of its
/// BARs. Throws when this guest has no such device.
PciMemory map_pci(const std::string& vendor, const std::string& id, int bar);

}  // namespace agent
