# What `cmake --install` puts where: headers, both libraries, a CMake package, a pkg-config file.
include(CMakePackageConfigHelpers)

# linnet.h includes no header of a part that is off.
set(headers_left_out PATTERN linnet.h EXCLUDE)
file(READ include/linnet/linnet.h umbrella)
foreach(part server bootstrap driver sim)
  string(TOUPPER ${part} option)
  if(NOT LINNET_${option})
    list(APPEND headers_left_out PATTERN ${part}.h EXCLUDE)
    string(REPLACE "#include <linnet/${part}.h>\n" "" umbrella "${umbrella}")
  endif()
endforeach()
set(umbrella_file ${CMAKE_CURRENT_BINARY_DIR}/install/linnet.h)
file(WRITE ${umbrella_file} "${umbrella}")
install(DIRECTORY include/linnet DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} ${headers_left_out})
install(FILES ${umbrella_file} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/linnet)

install(TARGETS linnet_static linnet_shared linnet_headers EXPORT linnet
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/linnet)
install(EXPORT linnet NAMESPACE linnet:: FILE linnet-targets.cmake DESTINATION ${package_folder})
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/linnet-config.cmake.in
  ${CMAKE_CURRENT_BINARY_DIR}/linnet-config.cmake INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/linnet-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/linnet-config.cmake ${CMAKE_CURRENT_LIST_DIR}/FindMbedTLS.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/linnet-config-version.cmake DESTINATION ${package_folder})

# Relative, so that `cmake --install --prefix` may choose another place than the configuration did.
file(RELATIVE_PATH prefix_from_pkgconfig /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
string(REGEX REPLACE "/$" "" prefix_from_pkgconfig "${prefix_from_pkgconfig}")
string(REPLACE ";" ", " pkgconfig_requires "${packages}")
string(REPLACE ";" " " pkgconfig_libraries "${flags}")
configure_file(${CMAKE_CURRENT_LIST_DIR}/linnet.pc.in ${CMAKE_CURRENT_BINARY_DIR}/linnet.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/linnet.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
