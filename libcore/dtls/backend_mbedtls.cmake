find_package(MbedTLS REQUIRED)
set(backend_sources mbedtls_config.c mbedtls_material.c mbedtls_ticket.c mbedtls_verify.c)
set(backend_flags -lmbedtls -lmbedx509 -lmbedcrypto)
set(backend_libraries MbedTLS::mbedtls)
