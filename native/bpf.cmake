# BPF programs: bpf/NAME.bpf.c becomes NAME.lskel.h, bpftool's light skeleton. That holds the program in a form
# that loads itself with bpf(2) alone and is fitted to the running kernel's types by that kernel, so neither the
# addon nor the agent needs libbpf or libelf, at run time or to link with (Debian's libbpf.a would not go into a
# shared object anyway). libbpf-dev is needed for its headers.
find_program(BPF_CLANG NAMES clang-19 clang-20 clang-21 clang-22 clang-23 clang-18 clang-17 clang REQUIRED)
find_program(BPFTOOL bpftool PATHS /usr/sbin /usr/local/sbin REQUIRED)

file(GLOB bpf_sources CONFIGURE_DEPENDS bpf/*.bpf.c)
file(GLOB bpf_headers CONFIGURE_DEPENDS bpf/*.h)
set(BPF_OUT ${CMAKE_BINARY_DIR}/bpf)
# Where <asm/…> lies: beside this machine's headers, or with those of a cross compiler.
set(BPF_MACHINE_HEADERS -idirafter /usr/include/${CMAKE_LIBRARY_ARCHITECTURE} -idirafter
                        /usr/${CMAKE_LIBRARY_ARCHITECTURE}/include)
set(bpf_skeletons)
foreach(source ${bpf_sources})
  get_filename_component(name ${source} NAME_WE)
  set(object ${BPF_OUT}/${name}.bpf.o)
  set(skeleton ${BPF_OUT}/${name}.lskel.h)
  add_custom_command(
    OUTPUT ${skeleton}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${BPF_OUT}
    COMMAND
      ${BPF_CLANG} -target bpf -mcpu=v3 -O2 -g -Wall -Werror -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=
      -fdebug-compilation-dir=/ ${BPF_MACHINE_HEADERS} -c ${source} -o ${object}
    COMMAND ${BPFTOOL} gen skeleton -L ${object} name ${name}_bpf > ${skeleton}.new
    COMMAND ${CMAKE_COMMAND} -E rename ${skeleton}.new ${skeleton}
    DEPENDS ${source} ${bpf_headers}
    VERBATIM)
  list(APPEND bpf_skeletons ${skeleton})
endforeach()
add_custom_target(bpf_skeletons DEPENDS ${bpf_skeletons})

# For a target one of whose C sources includes a skeleton. SYSTEM: what bpftool writes is not held to our warnings.
function(carries_bpf target)
  add_dependencies(${target} bpf_skeletons)
  target_include_directories(${target} SYSTEM PRIVATE ${BPF_OUT})
endfunction()
