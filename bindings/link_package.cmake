# cmake -DFROM=<source package> -DTO=<package in the build tree> -P link_package.cmake: a symbolic link for each entry.
file(GLOB entries RELATIVE ${FROM} ${FROM}/*)
list(FILTER entries EXCLUDE REGEX "^__pycache__$")
foreach(entry ${entries})
  file(CREATE_LINK ${FROM}/${entry} ${TO}/${entry} SYMBOLIC)
endforeach()

# What was removed from the source must not live on here.
file(GLOB links RELATIVE ${TO} ${TO}/*)
foreach(link ${links})
  if(IS_SYMLINK ${TO}/${link} AND NOT EXISTS ${TO}/${link})
    file(REMOVE ${TO}/${link})
  endif()
endforeach()
