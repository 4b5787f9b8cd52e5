// A libtorch_cuda.so that brings nothing.
extern "C" const int kFakeTorchCuda = 1;
