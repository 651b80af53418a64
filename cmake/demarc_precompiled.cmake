# precompile(TARGET [tests])
#
# The headers of the standard library that most files include (and GoogleTest's, for tests) are compiled once for all targets instead of once a file:
# a third to a half less for each of five files that were timed. A file includes what it uses all the same; the presets dev and tsan build without, so that none forgets it.
option(DEMARC_PRECOMPILED "compile the headers that most files share once" ON)

if(DEMARC_PRECOMPILED)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    add_compile_options("$<$<COMPILE_LANGUAGE:CXX>:SHELL:-Xclang -fno-pch-timestamp>")  # or ccache never finds anything
  endif()
  set(standard <algorithm> <array> <charconv> <chrono> <cmath> <cstdint> <cstring> <filesystem> <fstream> <functional> <map> <memory> <optional> <set> <span>
      <string> <string_view> <unordered_map> <utility> <variant> <vector>)
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/precompiled.cpp CONTENT "// What precompiled headers hang on.\n")
  add_library(demarc_precompiled OBJECT ${CMAKE_BINARY_DIR}/precompiled.cpp)
  target_precompile_headers(demarc_precompiled PRIVATE ${standard})
  add_library(demarc_precompiled_tests OBJECT ${CMAKE_BINARY_DIR}/precompiled.cpp)
  target_precompile_headers(demarc_precompiled_tests PRIVATE ${standard} <gmock/gmock.h> <gtest/gtest.h>)
  target_link_libraries(demarc_precompiled_tests PRIVATE GTest::gtest GTest::gmock)  # for their macros
endif()

function(precompile TARGET)
  if(DEMARC_PRECOMPILED AND "tests" IN_LIST ARGN)
    target_precompile_headers(${TARGET} REUSE_FROM demarc_precompiled_tests)
  elseif(DEMARC_PRECOMPILED)
    target_precompile_headers(${TARGET} REUSE_FROM demarc_precompiled)
  endif()
endfunction()
