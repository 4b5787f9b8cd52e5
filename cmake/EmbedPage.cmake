# cmake -DPAGE=FOLDER -DOUT=FILE.cc -P EmbedPage.cmake: the files of a folder as PageFiles().
set(arrays "")
set(rows "")
file(GLOB files ${PAGE}/*)
set(number 0)
foreach(file ${files})
  get_filename_component(name ${file} NAME)
  get_filename_component(ending ${file} LAST_EXT)
  if(ending STREQUAL ".html")
    set(type "text/html; charset=utf-8")
  elseif(ending STREQUAL ".css")
    set(type "text/css; charset=utf-8")
  elseif(ending STREQUAL ".js")
    set(type "text/javascript; charset=utf-8")
  elseif(ending STREQUAL ".svg")
    set(type "image/svg+xml")
  else()
    message(FATAL_ERROR "${file}: no content type is known for it")
  endif()
  set(path "/${name}")
  if(name STREQUAL "index.html")
    set(path "/")
  endif()
  file(READ ${file} bytes HEX)
  string(LENGTH "${bytes}" digits)
  math(EXPR size "${digits} / 2")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" bytes "${bytes}")
  # One long literal: quicker to compile than a list of numbers.
  string(APPEND arrays "constexpr char kFile${number}[] = \"${bytes}\";\n")
  string(APPEND rows "      {\"${path}\", \"${type}\", {kFile${number}, ${size}}},\n")
  math(EXPR number "${number} + 1")
endforeach()
file(WRITE ${OUT} "// Made by cmake/EmbedPage.cmake.
#include \"client/console/page_files.h\"
namespace lingula::console {
namespace {
${arrays}}  // namespace
const std::vector<PageFile>& PageFiles() {
  static const auto& files = *new std::vector<PageFile>{
${rows}  };
  return files;
}
}  // namespace lingula::console
")
