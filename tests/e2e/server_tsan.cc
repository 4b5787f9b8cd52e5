// What ThreadSanitizer reports without cause in programs that hold a gRPC server. Debian's libgrpc
// is not instrumented: its locks are unseen, while its templates, compiled into our code, are seen
// to touch what one gRPC thread handed to another. Only accesses of that kind are named here: by
// their innermost function, or by the functions in which gRPC ties a call to its reactor and takes
// it apart. Races between our own threads are still reported, and pipeline_test looks for them
// without gRPC.
extern "C" const char* __tsan_default_suppressions() {  // NOLINT: the sanitizer's name
  return "race_top:^grpc::\n"
         "race_top:^google::protobuf::\n"
         "race:InternalBindCall\n"
         "race:CallOnDone\n"
         "race:ServerCallbackReaderWriterImpl::~ServerCallbackReaderWriterImpl\n"
         "race:grpc::internal::CallbackWithSuccessTag\n"
         "race:grpc::internal::CallbackWithStatusTag\n"
         "race:std::_Function_handler<void (), grpc::Server::CallbackRequest\n"
         // Reactions against the constructors of their reactors.
         "race_top:lingula::HealthService::WatchCall::On\n"
         "race:lingula::SegmentCall::OnCancel\n"
         "race:lingula::InferCall::OnCancel\n";
}
