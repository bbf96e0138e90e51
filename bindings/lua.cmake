# linnet.core, a module for each Lua: ${CMAKE_BINARY_DIR}/lua/<version>/linnet/core.so. Put lua/<version>/?.so on
# LUA_CPATH, and ?.lua and ?/init.lua of the source folder lua/ on LUA_PATH. Lua's own symbols come from the interpreter, so
# the module for 5.1 also serves LuaJIT.
set(LINNET_LUA_VERSIONS "5.1;5.4" CACHE STRING "For which versions of Lua: 5.1, 5.2, 5.3, 5.4")
set(LINNET_LUA_INCLUDE_DIR "" CACHE PATH "Where lua.h is, if pkg-config does not know; for a single version")

set(wrapper ${CMAKE_CURRENT_BINARY_DIR}/linnet_lua.c)
linnet_swig(${wrapper} "lua.i;lua_values.i;lua_calls.i" OPTIONS -lua -nomoduleglobal -no-old-metatable-bindings)
add_custom_target(linnet_lua_wrapper DEPENDS ${wrapper})

# The folder of lua.h for a version: what pkg-config says under one of its names, or where systems have it.
function(linnet_find_lua version result)
  set(found ${LINNET_LUA_INCLUDE_DIR})
  find_program(PKG_CONFIG_EXECUTABLE pkg-config)
  string(REPLACE "." "" plain ${version})
  foreach(package lua${version} lua-${version} lua${plain} luajit)
    if(found OR NOT PKG_CONFIG_EXECUTABLE OR (package STREQUAL luajit AND NOT version STREQUAL 5.1))
      continue()
    endif()
    execute_process(COMMAND ${PKG_CONFIG_EXECUTABLE} --cflags-only-I ${package}
                    OUTPUT_VARIABLE flags ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
    string(REGEX MATCH "-I *([^ ]+)" match "${flags}")
    if(match AND EXISTS ${CMAKE_MATCH_1}/lua.h)
      set(found ${CMAKE_MATCH_1})
    endif()
  endforeach()
  if(NOT found)
    find_path(LINNET_LUA_${version}_DIR lua.h PATH_SUFFIXES lua${version} lua-${version} lua/${version} lua${plain})
    if(LINNET_LUA_${version}_DIR)
      set(found ${LINNET_LUA_${version}_DIR})
    endif()
  endif()
  set(${result} "${found}" PARENT_SCOPE)
endfunction()

foreach(version ${LINNET_LUA_VERSIONS})
  linnet_find_lua(${version} include_dir)
  if(NOT include_dir)
    message(STATUS "no headers of Lua ${version}: no module for it")
    continue()
  endif()
  set(target linnet_lua_${version})
  add_library(${target} MODULE ${wrapper})
  add_dependencies(${target} linnet_lua_wrapper)
  target_include_directories(${target} SYSTEM PRIVATE ${include_dir})
  target_compile_definitions(${target} PRIVATE ${parts})
  target_link_libraries(${target} PRIVATE linnet_static)
  target_link_options(${target} PRIVATE -Wl,--exclude-libs,ALL) # only luaopen_linnet_core is seen from outside
  set_target_properties(${target} PROPERTIES
    PREFIX "" SUFFIX .so OUTPUT_NAME core LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lua/${version}/linnet)
  if(LINNET_INSTALL AND NOT DEFINED SKBUILD)
    install(TARGETS ${target} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/lua/${version}/linnet COMPONENT lua)
    install(DIRECTORY ${PROJECT_SOURCE_DIR}/lua/linnet DESTINATION ${CMAKE_INSTALL_DATADIR}/lua/${version}
            COMPONENT lua FILES_MATCHING PATTERN "*.lua")
  endif()
endforeach()
