# BPF programs: bpf/NAME.bpf.c becomes NAME.bpf.o, whose bytes a product carries (native/bpf_bytes.h).
find_program(BPF_CLANG NAMES clang-19 clang-20 clang-21 clang-22 clang-23 clang-18 clang-17 clang REQUIRED)
find_library(LIBBPF_STATIC libbpf.a REQUIRED)
find_library(LIBELF_STATIC libelf.a REQUIRED)
find_library(LIBZ_STATIC libz.a REQUIRED)
find_library(LIBZSTD_STATIC libzstd.a) # elfutils from 0.189 on is built with it

# An object target of all BPF programs, for target_link_libraries and add_dependencies.
file(GLOB bpf_sources CONFIGURE_DEPENDS bpf/*.bpf.c)
file(GLOB bpf_headers CONFIGURE_DEPENDS bpf/*.h)
set(BPF_OUT ${CMAKE_BINARY_DIR}/bpf)
set(bpf_objects)
foreach(source ${bpf_sources})
  get_filename_component(name ${source} NAME_WLE)
  add_custom_command(
    OUTPUT ${BPF_OUT}/${name}.o
    COMMAND ${CMAKE_COMMAND} -E make_directory ${BPF_OUT}
    COMMAND
      ${BPF_CLANG} -target bpf -mcpu=v3 -O2 -g -Wall -Werror -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=
      -fdebug-compilation-dir=/ -idirafter /usr/include/${CMAKE_LIBRARY_ARCHITECTURE} -c ${source} -o
      ${BPF_OUT}/${name}.o
    DEPENDS ${source} ${bpf_headers}
    VERBATIM)
  list(APPEND bpf_objects ${BPF_OUT}/${name}.o)
endforeach()
add_custom_target(bpf_programs DEPENDS ${bpf_objects})

# Gives a target libbpf and the programs' bytes.
function(carries_bpf target)
  add_dependencies(${target} bpf_programs)
  set_source_files_properties(${ARGN} PROPERTIES OBJECT_DEPENDS "${bpf_objects}")
  target_include_directories(${target} PRIVATE ${CMAKE_SOURCE_DIR}/bpf)
  target_compile_definitions(${target} PRIVATE BPF_OUT="${BPF_OUT}")
  target_link_libraries(${target} PRIVATE ${LIBBPF_STATIC} ${LIBELF_STATIC} ${LIBZ_STATIC})
  if(LIBZSTD_STATIC)
    target_link_libraries(${target} PRIVATE ${LIBZSTD_STATIC})
  endif()
endfunction()
