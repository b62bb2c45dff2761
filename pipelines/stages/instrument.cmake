# Adds the flags of sanitizers or of coverage counters to a whole project, from outside. CMake
# includes this file at the end of every project() call (CMAKE_PROJECT_INCLUDE). Options of a
# directory are added to whatever the project itself sets, so a project that assigns CMAKE_CXX_FLAGS
# cannot drop them by accident.
if(CMAKE_CURRENT_SOURCE_DIR STREQUAL CMAKE_SOURCE_DIR)
  get_property(_pipelines_done DIRECTORY PROPERTY PIPELINES_INSTRUMENTED)
  if(NOT _pipelines_done)
    set_property(DIRECTORY PROPERTY PIPELINES_INSTRUMENTED TRUE)
    foreach(_pipelines_flag IN LISTS PIPELINES_FLAGS)
      add_compile_options("$<$<COMPILE_LANGUAGE:C,CXX>:${_pipelines_flag}>")
    endforeach()
    foreach(_pipelines_flag IN LISTS PIPELINES_CLANG_FLAGS)
      add_compile_options("$<$<OR:$<COMPILE_LANG_AND_ID:C,Clang>,$<COMPILE_LANG_AND_ID:CXX,Clang>>:${_pipelines_flag}>")
    endforeach()
    add_link_options(${PIPELINES_FLAGS})
  endif()
endif()
