# The toolchain of Debian's g++-aarch64-linux-gnu, for the agent of arm64 lab guests:
#   cmake -S . -B build/arm64 -DCMAKE_TOOLCHAIN_FILE=native/arm64.cmake && cmake --build build/arm64
# nlohmann-json and libbpf's headers are the same for every machine and are taken from this one's, behind the
# toolchain's own.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_C_FLAGS_INIT "-idirafter /usr/include")
set(CMAKE_CXX_FLAGS_INIT "-idirafter /usr/include")
