# Libraries from the system's packages, and those that tools/setup.sh built: it writes their places to build/third_party.cmake.
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(simdjson REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(GTest REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(RE2 REQUIRED IMPORTED_TARGET re2)
pkg_check_modules(HS REQUIRED IMPORTED_TARGET libhs)
pkg_check_modules(UTF8PROC REQUIRED IMPORTED_TARGET libutf8proc)
pkg_check_modules(SECCOMP REQUIRED IMPORTED_TARGET libseccomp)

include(${CMAKE_SOURCE_DIR}/build/third_party.cmake OPTIONAL)
if(DEMARC_LLHTTP_DIR)
  add_library(llhttp STATIC IMPORTED)
  set_target_properties(llhttp PROPERTIES
    IMPORTED_LOCATION ${DEMARC_LLHTTP_DIR}/lib/libllhttp.a
    INTERFACE_INCLUDE_DIRECTORIES ${DEMARC_LLHTTP_DIR}/include)
endif()
if(DEMARC_ONNXRUNTIME_DIR)  # for the workers alone: the gateway links no model runtime
  add_library(onnxruntime SHARED IMPORTED)
  set_target_properties(onnxruntime PROPERTIES
    IMPORTED_LOCATION ${DEMARC_ONNXRUNTIME_DIR}/lib/libonnxruntime.so.1
    INTERFACE_INCLUDE_DIRECTORIES ${CMAKE_SOURCE_DIR}/third_party/onnxruntime/include)
endif()
