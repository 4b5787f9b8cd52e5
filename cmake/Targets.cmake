# The three kinds of target. DEPS says what may be included; tests/style/layers.txt says the same by folder and
# is checked.

# lingula_library(NAME SRCS ... DEPS ...): the code of one folder as lingula::NAME.
function(lingula_library name)
  cmake_parse_arguments(arg "" "" "SRCS;DEPS" ${ARGN})
  add_library(lingula_${name} STATIC ${arg_SRCS})
  add_library(lingula::${name} ALIAS lingula_${name})
  target_link_libraries(lingula_${name} PUBLIC ${arg_DEPS})
  lingula_own_code(lingula_${name})
endfunction()

# lingula_program(NAME SRCS ... DEPS ...): bin/NAME.
function(lingula_program name)
  cmake_parse_arguments(arg "" "" "SRCS;DEPS" ${ARGN})
  add_executable(${name} ${arg_SRCS})
  target_link_libraries(${name} PRIVATE ${arg_DEPS})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
  lingula_own_code(${name})
endfunction()

# lingula_test(NAME SRCS ... DEPS ... LABELS ...): a GoogleTest program, one ctest entry.
# LABELS unit (fast, no port, no file but test data), golden, e2e; threads: worth running under TSan.
function(lingula_test name)
  cmake_parse_arguments(arg "" "" "SRCS;DEPS;LABELS" ${ARGN})
  add_executable(${name} ${arg_SRCS})
  target_link_libraries(${name} PRIVATE ${arg_DEPS} GTest::gmock_main)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  lingula_own_code(${name})
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES LABELS "${arg_LABELS}" TIMEOUT 300)
endfunction()

# Warnings are errors in our code only; dependencies are system headers.
function(lingula_own_code target)
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR})
  target_compile_options(${target} PRIVATE -Wall -Wextra -Werror)
  if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
    target_compile_options(${target} PRIVATE -Wthread-safety)
  endif()
endfunction()

# Torch's headers cost 20 s a source. Every target that includes them shares one precompiled header.
function(lingula_torch_headers target)
  if(target STREQUAL lingula_nets)
    target_precompile_headers(${target} PRIVATE ${PROJECT_SOURCE_DIR}/model/nets/torch_pch.h)
  else()
    target_precompile_headers(${target} REUSE_FROM lingula_nets)
  endif()
endfunction()
