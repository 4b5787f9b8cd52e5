#include "model/import/torch_file.h"

#include <filesystem>
#include <numeric>

#include <zip.h>

#include "absl/strings/match.h"
#include "model/base/file.h"
#include "tests/model/bundle/bundle_files.h"

namespace lingula {
namespace {

namespace fs = std::filesystem;
using absl::StatusCode;
using test::IsOk;
using test::StatusIs;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr char kFolder[] = "tests/golden/containers/";

std::string Container(const std::string& name) {
  return fs::absolute(kFolder + name).string();
}

int64_t Count(const std::vector<int64_t>& shape) {
  return std::accumulate(shape.begin(), shape.end(), int64_t{1}, std::multiplies<>());
}

// The bytes are those expected, and so is the shape, but for scalars.
void ExpectTensor(const Checkpoint& checkpoint, const std::string& name, const TensorView& want) {
  const auto got = checkpoint.Load(name);
  ASSERT_THAT(got, IsOk());
  EXPECT_EQ(got->dtype, want.dtype) << name;
  EXPECT_EQ(got->shape, got->shape.empty() ? std::vector<int64_t>{} : want.shape) << name;
  EXPECT_EQ(Count(got->shape), Count(want.shape)) << name;
  EXPECT_TRUE(got->bytes == want.bytes) << name;
  EXPECT_EQ(checkpoint.tensors().at(name).shape, got->shape);
  EXPECT_EQ(checkpoint.tensors().at(name).dtype, got->dtype);
}

class StateDictTest : public testing::TestWithParam<const char*> {};

TEST_P(StateDictTest, IsReadAsWritten) {
  const auto expected = SafeTensors::Open(Container("expected.safetensors"));
  const auto checkpoint = Checkpoint::Open(Container(GetParam()));
  ASSERT_THAT(expected, IsOk());
  ASSERT_THAT(checkpoint, IsOk());
  size_t compared = 0;
  for (const auto& [name, tensor] : expected->tensors()) {
    if (absl::StartsWith(name, "model.")) {
      ExpectTensor(*checkpoint, name, tensor);
      ++compared;
    }
  }
  EXPECT_EQ(compared, 13U);
  EXPECT_EQ(checkpoint->tensors().size(), compared);
  EXPECT_THAT(checkpoint->tensors().at("model.decoder4.guide_layer.scale").shape, ElementsAre());
  EXPECT_THAT(checkpoint->tensors().at("model.container.empty").shape, ElementsAre(0, 4));
}

INSTANTIATE_TEST_SUITE_P(All, StateDictTest,
                         testing::Values("lightning.ckpt", "bare_state_dict.ckpt",
                                         "bare_state_dict_legacy.ckpt"),
                         [](const auto& info) {
                           const std::string name = info.param;
                           return name.substr(0, name.find('.'));
                         });

TEST(TorchFileTest, ReadsAPrototypeStoreWithNestedStorages) {
  const auto expected = SafeTensors::Open(Container("expected.safetensors"));
  const auto store = Checkpoint::Open(Container("prototype_qata_6_2_1024_contrastive.pkl"));
  ASSERT_THAT(expected, IsOk());
  ASSERT_THAT(store, IsOk());
  EXPECT_EQ(store->tensors().size(), 2U);
  ExpectTensor(*store, "matrix", *expected->Get("store.matrix"));
  ExpectTensor(*store, "memory_text", *expected->Get("store.memory_text"));
}

TEST(TorchFileTest, ReadsABareTensor) {
  const auto expected = SafeTensors::Open(Container("expected.safetensors"));
  const auto embedding = Checkpoint::Open(Container("covid_0007_vision.pkl"));
  ASSERT_THAT(expected, IsOk());
  ASSERT_THAT(embedding, IsOk());
  EXPECT_EQ(embedding->tensors().size(), 1U);
  ExpectTensor(*embedding, "tensor", *expected->Get("cached_vision"));
  EXPECT_THAT(embedding->Load("matrix"),
              StatusIs(StatusCode::kNotFound,
                       AllOf(HasSubstr("\"matrix\""), HasSubstr("covid_0007_vision.pkl"))));
}

struct Hostile {
  const char* file;
  const char* callable;
};

// In an empty folder, since the file that they would make is relative.
TEST(TorchFileTest, RefusesToCallAnythingAndRunsNothing) {
  const Hostile kFiles[] = {
      {"malicious_bare.pkl", "io.open"},           {"malicious_eval.pkl", "builtins.eval"},
      {"malicious_legacy.ckpt", "posix.system"},   {"malicious_nested.pkl", "io.open"},
      {"malicious_protocol0.pkl", "posix.system"}, {"malicious_zip.ckpt", "io.open"},
  };
  const test::TempFolder folder;
  const fs::path before = fs::current_path();
  for (const Hostile& hostile : kFiles) {
    const std::string path = Container(hostile.file);
    fs::current_path(folder.path());
    EXPECT_THAT(Checkpoint::Open(path),
                StatusIs(StatusCode::kPermissionDenied,
                         AllOf(HasSubstr(path), HasSubstr("nothing was executed"),
                               HasSubstr("call " + std::string(hostile.callable) + ":"))));
    EXPECT_TRUE(fs::is_empty(folder.path())) << hostile.file;
    fs::current_path(before);
  }
}

TEST(TorchFileTest, SaysWhereATruncatedFileEnds) {
  EXPECT_THAT(Checkpoint::Open(Container("truncated.ckpt")),
              StatusIs(StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("byte 12038"), HasSubstr("truncated"))));
  EXPECT_THAT(Checkpoint::Open(Container("truncated.pkl")),
              StatusIs(StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("byte 2 (FRAME)"), HasSubstr("truncated"))));
}

TEST(TorchFileTest, RefusesWhatIsNoCheckpoint) {
  const test::TempFolder folder;
  const std::string path = folder.path() + "/f";
  EXPECT_THAT(Checkpoint::Open(path), StatusIs(StatusCode::kNotFound, HasSubstr(path)));
  EXPECT_THAT(Checkpoint::Open(folder.path()), StatusIs(StatusCode::kInvalidArgument));
  test::Put(path, "");
  EXPECT_THAT(Checkpoint::Open(path), StatusIs(StatusCode::kInvalidArgument, HasSubstr("empty")));
  test::Put(path, "\x89PNG\r\n");
  EXPECT_THAT(Checkpoint::Open(path), StatusIs(StatusCode::kInvalidArgument));
  test::Put(path, "}.");
  EXPECT_THAT(Checkpoint::Open(path),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("no tensors")));
  test::Put(path,
            "}U\x05"
            "epochK\x01s.");
  EXPECT_THAT(Checkpoint::Open(path),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("its keys: \"epoch\"")));
  test::Put(path, "}.}.");
  EXPECT_THAT(Checkpoint::Open(path),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("ends at byte 2 of 4")));
}

// --- archives made here ---

using Entries = std::vector<std::pair<std::string, std::string>>;

// {"w": tensor of `elements` floats from the storage "0"}.
std::string Program(int elements, const std::string& storage_class = "FloatStorage") {
  const std::string n(1, static_cast<char>(elements));
  return "\x80\x02}U\x01wctorch._utils\n_rebuild_tensor_v2\n((U\x07storagectorch\n" +
         storage_class +
         "\nU\x01"
         "0U\x03"
         "cpuK" +
         n + "tQK" + std::string(1, '\0') + "K" + n + "\x85K\x01\x85\x89" +
         "ccollections\nOrderedDict\n)RtRs.";
}

std::string MakeZip(const std::string& folder, const Entries& entries, bool deflate = false) {
  const std::string path = folder + "/made.zip";
  std::remove(path.c_str());
  zip_t* archive = zip_open(path.c_str(), ZIP_CREATE, nullptr);
  for (const auto& [name, content] : entries) {
    const zip_int64_t index = zip_file_add(
        archive, name.c_str(), zip_source_buffer(archive, content.data(), content.size(), 0), 0);
    zip_set_file_compression(archive, index, deflate ? ZIP_CM_DEFLATE : ZIP_CM_STORE, 0);
  }
  EXPECT_EQ(zip_close(archive), 0);
  return path;
}

TEST(TorchArchiveTest, ReadsTheFolderOfAnyName) {
  const test::TempFolder folder;
  const auto checkpoint = Checkpoint::Open(
      MakeZip(folder.path(), {{"any name/data.pkl", Program(2)}, {"any name/data/0", "12345678"}}));
  ASSERT_THAT(checkpoint, IsOk());
  EXPECT_EQ(checkpoint->Load("w")->bytes, "12345678");
}

TEST(TorchArchiveTest, RefusesEntriesThatAreCompressedMissingOrOfAnotherSize) {
  const test::TempFolder folder;
  const std::string zeros(100000, '\0');
  struct Case {
    Entries entries;
    bool deflate;
    const char* message;
  };
  const Case kCases[] = {
      {{{"a/data.pkl", Program(2)}, {"a/data/0", zeros}}, true, "compressed"},
      {{{"a/data.pkl", Program(2)}}, false, "no entry \"data/0\""},
      {{{"a/data.pkl", Program(2)}, {"a/data/0", "1234"}}, false, "has 4 bytes instead of 8"},
      {{{"a/data.pkl", Program(2)}, {"b/data/0", "12345678"}}, false, "no entry \"data/0\""},
      {{{"a/data/0", "12345678"}}, false, "FOLDER/data.pkl"},
      {{{"a/data.pkl", Program(2)}, {"a/constants.pkl", ""}}, false, "TorchScript"},
      {{{"a/data.pkl", Program(2)}, {"a/byteorder", "big"}}, false, "byte order \"big\""},
      {{{"a/data.pkl", Program(2).substr(0, 30)}},
       false,
       "data.pkl, byte 6 (GLOBAL): needs a line"},
      {{{"a/data.pkl", Program(2, "CharStorage")}, {"a/data/0", "12"}}, false, "torch.CharStorage"},
      {{{"a/data.pkl", Program(2, "OddStorage")}, {"a/data/0", "12"}}, false, "torch.OddStorage"},
  };
  for (const Case& c : kCases) {
    EXPECT_THAT(Checkpoint::Open(MakeZip(folder.path(), c.entries, c.deflate)),
                StatusIs(StatusCode::kInvalidArgument, HasSubstr(c.message)));
  }
}

TEST(TorchArchiveTest, NoticesDamagedData) {
  const test::TempFolder folder;
  const std::string path =
      MakeZip(folder.path(), {{"a/data.pkl", Program(4)}, {"a/data/0", "weights of a net"}});
  std::string file = *ReadFile(path);
  file[file.find("weights")] = 'W';
  test::Put(path, file);
  const auto checkpoint = Checkpoint::Open(path);
  ASSERT_THAT(checkpoint, IsOk());
  EXPECT_THAT(checkpoint->Load("w"), StatusIs(StatusCode::kInvalidArgument,
                                              AllOf(HasSubstr("tensor \"w\""), HasSubstr("CRC"))));
}

}  // namespace
}  // namespace lingula
