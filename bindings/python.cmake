# linnet._linnet (the extension) and linnet._core (SWIG's classes over it), in a package directory of the build tree
# that has links to the files of python/linnet: put ${CMAKE_BINARY_DIR}/python on PYTHONPATH and edit away.
find_package(Python3 3.9 REQUIRED COMPONENTS Interpreter Development.Module)

set(package ${CMAKE_BINARY_DIR}/python/linnet)
set(wrapper ${CMAKE_CURRENT_BINARY_DIR}/linnet_python.c)
file(MAKE_DIRECTORY ${package})

linnet_swig(${wrapper} "python.i;python_values.i" OPTIONS -python -interface _linnet -outdir ${package} BYPRODUCTS ${package}/_core.py)
Python3_add_library(linnet_python MODULE WITH_SOABI ${wrapper})
target_compile_definitions(linnet_python PRIVATE ${parts})
target_link_libraries(linnet_python PRIVATE linnet_static)
set_target_properties(linnet_python PROPERTIES OUTPUT_NAME _linnet LIBRARY_OUTPUT_DIRECTORY ${package})

add_custom_target(linnet_python_package ALL
  COMMAND ${CMAKE_COMMAND} -DFROM=${PROJECT_SOURCE_DIR}/python/linnet -DTO=${package}
          -P ${CMAKE_CURRENT_SOURCE_DIR}/link_package.cmake
  VERBATIM)
add_dependencies(linnet_python_package linnet_python)
