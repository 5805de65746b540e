#include "ops/cuda_linear.h"

#include "kernels/cuda/check.h"

namespace cacheblend {

namespace {

using namespace linear;

// Device memory from ONNX Runtime's arena. Its next user runs later on the same stream.
class ArenaMemory {
 public:
  ArenaMemory(const Ort::KernelContext& context, int64_t byte_count) {
    if (byte_count == 0) return;
    int device = 0;
    cuda::Check(cudaGetDevice(&device), "cudaGetDevice");
    const Ort::MemoryInfo info("Cuda", OrtArenaAllocator, device, OrtMemTypeDefault);
    allocator_ = context.GetAllocator(*info);
    try {
      Ort::ThrowOnError(Ort::GetApi().AllocatorAlloc(allocator_, byte_count, &data_));
    } catch (...) {
      Ort::GetApi().ReleaseAllocator(allocator_);
      throw;
    }
  }
  ArenaMemory(const ArenaMemory&) = delete;
  ~ArenaMemory() {
    if (allocator_ == nullptr) return;
    allocator_->Free(allocator_, data_);
    Ort::GetApi().ReleaseAllocator(allocator_);
  }
  void* data() const { return data_; }

 private:
  OrtAllocator* allocator_ = nullptr;
  void* data_ = nullptr;
};

const void* Optional(const Ort::KernelContext& context, size_t index, const char* name,
                     std::initializer_list<Dim> shape, ShapeTable& table) {
  if (!IsGiven(context, index)) return nullptr;
  const DeviceTensor tensor = DeviceInput(context, index);
  table.Check(name, tensor.shape, shape);
  return tensor.data;
}

}  // namespace

CudaLinear::CudaLinear(const Ort::ConstKernelInfo& info, ElementType type)
    : type_(type),
      gated_(IntAttribute(info, "gated", 0) != 0),
      gate_(IntAttribute(info, "gelu", 0) != 0 ? cuda::Gate::kGeluTanh : cuda::Gate::kSilu),
      epsilon_(info.GetAttribute<float>("epsilon")),
      norm_offset_(info.GetAttribute<float>("norm_offset")) {}

OrtStatusPtr CudaLinear::ComputeV2(OrtKernelContext* context) {
  return ToStatus("Linear", [&] { Compute(Ort::KernelContext(context)); });
}

void CudaLinear::Compute(const Ort::KernelContext& context) {
  const DeviceTensor x = DeviceInput(context, kX), weight = DeviceInput(context, kWeight);
  ShapeTable table;
  table.Check("x", x.shape, {"R", "K"});
  table.Check("weight", weight.shape, {"N", "K"});
  if (gated_ && table["N"] % 2 != 0) {
    throw std::invalid_argument(
        Text("weight: ", table["N"], " rows, must be even: gate rows, then as many others"));
  }
  cuda::LinearParams params{};
  params.num_rows = table["R"];
  params.in_size = table["K"];
  params.out_size = gated_ ? table["N"] / 2 : table["N"];
  params.x = x.data;
  params.weight = weight.data;
  params.bias = Optional(context, kBias, "bias", {"N"}, table);
  params.norm_weight = Optional(context, kNormWeight, "norm_weight", {"K"}, table);
  // Rows behind those of x are of probes that have ended.
  params.residual =
      Optional(context, kResidual, "residual", {Dim::AtLeast(table["R"]), params.out_size}, table);
  params.epsilon = epsilon_;
  params.norm_offset = norm_offset_;
  params.gated = gated_;
  params.gate = gate_;
  params.type = type_;
  params.y = DeviceOutput(context, 0, {params.num_rows, params.out_size});
  if (gated_ && params.residual != nullptr) {
    throw std::invalid_argument("residual: must be absent if gated");
  }
  if (params.num_rows == 0) return;
  const cudaStream_t stream = StreamOf(context);
  const ArenaMemory workspace(context, cuda::LinearWorkspaceBytes(params));
  cuda::Linear(params, workspace.data(), *products_.Of(stream), stream);
}

OrtStatusPtr CudaLinearOp::CreateKernelV2(const OrtApi&, const OrtKernelInfo* info,
                                          void** kernel) const {
  return ToStatus(GetName(), [&] { *kernel = new CudaLinear(Ort::ConstKernelInfo(info), type_); });
}

}  // namespace cacheblend
