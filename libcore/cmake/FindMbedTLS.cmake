# MbedTLS::mbedtls, with the two libraries it needs. Debian's 2.28 brings neither a CMake package nor a pkg-config file.
find_path(MbedTLS_INCLUDE_DIR mbedtls/ssl.h)
foreach(library mbedtls mbedx509 mbedcrypto)
  find_library(MbedTLS_${library}_LIBRARY ${library})
endforeach()
mark_as_advanced(MbedTLS_INCLUDE_DIR MbedTLS_mbedtls_LIBRARY MbedTLS_mbedx509_LIBRARY MbedTLS_mbedcrypto_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(MbedTLS REQUIRED_VARS MbedTLS_mbedtls_LIBRARY MbedTLS_mbedx509_LIBRARY
  MbedTLS_mbedcrypto_LIBRARY MbedTLS_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "install libmbedtls-dev, or choose another LINNET_DTLS (none)")

if(MbedTLS_FOUND AND NOT TARGET MbedTLS::mbedtls)
  add_library(MbedTLS::mbedtls UNKNOWN IMPORTED GLOBAL)
  set_target_properties(MbedTLS::mbedtls PROPERTIES
    IMPORTED_LOCATION "${MbedTLS_mbedtls_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${MbedTLS_INCLUDE_DIR}"
    INTERFACE_LINK_LIBRARIES "${MbedTLS_mbedx509_LIBRARY};${MbedTLS_mbedcrypto_LIBRARY}")
endif()
