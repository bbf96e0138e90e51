find_package(MbedTLS REQUIRED)
set_target_properties(MbedTLS::mbedtls PROPERTIES IMPORTED_GLOBAL TRUE) # the library is linked one folder up
set(backend_sources mbedtls_config.c mbedtls_material.c mbedtls_ticket.c mbedtls_verify.c)
set(backend_flags -lmbedtls -lmbedx509 -lmbedcrypto)
set(backend_libraries MbedTLS::mbedtls)
