# add_module(NAME USES module… LIBS target…)
#
# A module is a folder below src. It sees its own headers and those of the modules it USES (and theirs), each through an include root that holds nothing
# else, so an include in the wrong direction does not compile. Sources are *.cpp of the folder (and of subfolders without a CMakeLists.txt);
# x_test.cpp beside x.cpp goes into the module's test program, NAME_test.
set(DEMARC_INCLUDE_ROOTS ${CMAKE_BINARY_DIR}/include)

function(add_module NAME)
  cmake_parse_arguments(MODULE "" "" "USES;LIBS;TEST_LIBS" ${ARGN})
  string(REPLACE "/" "_" target demarc_${NAME})

  set(root ${DEMARC_INCLUDE_ROOTS}/${target})
  get_filename_component(parent ${root}/${NAME} DIRECTORY)
  file(MAKE_DIRECTORY ${parent})
  file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR} ${root}/${NAME} SYMBOLIC)

  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  file(GLOB_RECURSE nested ${CMAKE_CURRENT_SOURCE_DIR}/*/CMakeLists.txt)
  foreach(list_file ${nested})  # a folder with its own CMakeLists.txt is a module of its own
    get_filename_component(folder ${list_file} DIRECTORY)
    list(FILTER sources EXCLUDE REGEX "^${folder}/")
  endforeach()
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")

  if(sources)
    add_library(${target} STATIC ${sources})
    precompile(${target})
    set(scope PUBLIC)
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(${target} ${scope} ${root})
  target_link_libraries(${target} ${scope} Threads::Threads)
  foreach(used ${MODULE_USES})
    string(REPLACE "/" "_" used_target demarc_${used})
    target_link_libraries(${target} ${scope} ${used_target})
  endforeach()
  target_link_libraries(${target} ${scope} ${MODULE_LIBS})

  if(tests)
    string(REPLACE "/" "_" test_name ${NAME}_test)
    add_executable(${test_name} ${tests})
    precompile(${test_name} tests)
    target_link_libraries(${test_name} PRIVATE ${target} ${MODULE_TEST_LIBS} GTest::gtest GTest::gtest_main GTest::gmock)
    target_compile_definitions(${test_name} PRIVATE DEMARC_SOURCE_DIR="${CMAKE_SOURCE_DIR}" DEMARC_BUILD_DIR="${CMAKE_BINARY_DIR}")
    add_test(NAME ${test_name} COMMAND ${test_name})
    set_tests_properties(${test_name} PROPERTIES LABELS unit TIMEOUT 300)
  endif()
endfunction()
