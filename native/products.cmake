# How our own sources are compiled, and where a finished product goes.

# Warnings are errors; paths of this clone do not reach the bytes, so two clones build the same agent.
function(own_sources target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Werror -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
endfunction()

# process.arch's word for the machine that is built for.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|amd64)$")
  set(node_arch x64)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64)$")
  set(node_arch arm64)
else()
  set(node_arch ${CMAKE_SYSTEM_PROCESSOR})
endif()
set(products_dir ${CMAKE_SOURCE_DIR}/prebuilds/linux-${node_arch})

# Copies a linked target, stripped, to prebuilds/linux-ARCH/NAME. The last step is a rename, so a process that has
# the former file mapped keeps it whole.
function(publish target name)
  add_custom_command(
    TARGET ${target}
    POST_BUILD
    COMMAND ${CMAKE_COMMAND} -E make_directory ${products_dir}
    COMMAND ${CMAKE_STRIP} --strip-unneeded -o ${products_dir}/${name}.new $<TARGET_FILE:${target}>
    COMMAND ${CMAKE_COMMAND} -E rename ${products_dir}/${name}.new ${products_dir}/${name}
    VERBATIM)
endfunction()
