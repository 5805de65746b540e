#include "kernels/cuda/matmul.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <tuple>

#include "kernels/cuda/check.h"
#include "kernels/cuda/cublas_lt.h"

namespace cacheblend::cuda {

namespace {

using namespace cublas_lt;

// What cuBLAS's own handles have on compute capability 9.0.
constexpr uint64_t kWorkspaceBytes = 32 << 20;
// Every prompt has another number of rows; what was chosen for one is forgotten in the end.
constexpr size_t kMostPlans = 512;

void Expect(int status, const char* what) {
  if (status != 0) {
    throw MatmulError(std::string("cuBLASLt: ") + what + " gave status " + std::to_string(status));
  }
}

cudaDataType CudaType(ElementType type) {
  if (type == ElementType::kFloat16) return CUDA_R_16F;
  if (type == ElementType::kBFloat16) return CUDA_R_16BF;
  throw std::invalid_argument("the element type must have 16 bits");
}

// What all of the addresses are multiples of, up to 256.
uint32_t Alignment(const MatmulParams& p) {
  const uintptr_t bits = reinterpret_cast<uintptr_t>(p.x) | reinterpret_cast<uintptr_t>(p.weight) |
                         reinterpret_cast<uintptr_t>(p.residual) | reinterpret_cast<uintptr_t>(p.y);
  uint32_t alignment = 256;
  while (bits % alignment != 0) alignment /= 2;
  return alignment;
}

// A descriptor and what destroys it.
class Owned {
 public:
  Owned() = default;
  Owned(const Owned&) = delete;
  ~Owned() {
    if (descriptor_ != nullptr) destroy_(descriptor_);
  }
  template <typename Create>
  void Make(int (*destroy)(Descriptor), const char* what, const Create& create) {
    Expect(create(&descriptor_), what);
    destroy_ = destroy;
  }
  Descriptor get() const { return descriptor_; }

 private:
  Descriptor descriptor_ = nullptr;
  int (*destroy_)(Descriptor) = nullptr;
};

// cuBLASLt counts matrices by columns, so what it computes is y^T = weight * x^T.
struct Plan {
  Owned product, weight, x, y;
  Algorithm algorithm;
};

}  // namespace

class Matmul::Impl {
 public:
  Impl() : library_(TheLibrary()) {
    Check(cudaMalloc(&workspace_, kWorkspaceBytes), "workspace of matrix products");
    const int status = library_.create(&handle_);
    if (status != 0) cudaFree(workspace_);
    Expect(status, "cublasLtCreate");
  }
  ~Impl() {
    plans_.clear();
    library_.destroy(handle_);
    cudaFree(workspace_);
  }

  void Multiply(const MatmulParams& p, cudaStream_t stream) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const Plan& plan = PlanOf(p);
    if (p.bias != nullptr) Set(plan, kBiasPointer, p.bias);
    const float one = 1, beta = p.residual == nullptr ? 0 : 1;
    const void* const added = p.residual == nullptr ? p.y : p.residual;
    Expect(library_.multiply(handle_, plan.product.get(), &one, p.weight, plan.weight.get(), p.x,
                             plan.x.get(), &beta, added, plan.y.get(), p.y, plan.y.get(),
                             &plan.algorithm, workspace_, kWorkspaceBytes, stream),
           "cublasLtMatmul");
  }

 private:
  using Key = std::tuple<int64_t, int64_t, int64_t, ElementType, bool, bool, uint32_t>;

  template <typename T>
  void Set(const Plan& plan, int attribute, const T& value) const {
    Expect(library_.product_set(plan.product.get(), attribute, &value, sizeof value),
           "cublasLtMatmulDescSetAttribute");
  }

  const Plan& PlanOf(const MatmulParams& p) {
    const Key key{p.num_rows,  p.in_size,         p.out_size,
                  p.type,      p.bias == nullptr, p.residual == nullptr,
                  Alignment(p)};
    const auto known = plans_.find(key);
    if (known != plans_.end()) return *known->second;
    auto plan = NewPlan(p);
    if (plans_.size() >= kMostPlans) plans_.clear();
    return *(plans_[key] = std::move(plan));
  }

  void MakeMatrix(Owned& matrix, ElementType type, int64_t rows, int64_t columns) const {
    matrix.Make(library_.matrix_destroy, "cublasLtMatrixLayoutCreate", [&](Descriptor* to) {
      return library_.matrix_create(to, CudaType(type), rows, columns, rows);
    });
  }

  std::unique_ptr<Plan> NewPlan(const MatmulParams& p) const {
    auto plan = std::make_unique<Plan>();
    plan->product.Make(library_.product_destroy, "cublasLtMatmulDescCreate", [&](Descriptor* to) {
      return library_.product_create(to, kComputeFloat32, CUDA_R_32F);
    });
    Set(*plan, kTransposeA, int32_t{kTransposed});
    if (p.bias != nullptr) {
      Set(*plan, kEpilogue, int32_t{kEpilogueBias});
      Set(*plan, kBiasPointer, p.bias);
    }
    MakeMatrix(plan->weight, p.type, p.in_size, p.out_size);
    MakeMatrix(plan->x, p.type, p.in_size, p.num_rows);
    MakeMatrix(plan->y, p.type, p.out_size, p.num_rows);
    plan->algorithm = Choose(*plan, p);
    return plan;
  }

  // What cuBLASLt holds to be the fastest.
  Algorithm Choose(const Plan& plan, const MatmulParams& p) const {
    Owned preference;
    preference.Make(library_.preference_destroy, "cublasLtMatmulPreferenceCreate",
                    library_.preference_create);
    const auto prefer = [&](int attribute, const auto& value) {
      Expect(library_.preference_set(preference.get(), attribute, &value, sizeof value),
             "cublasLtMatmulPreferenceSetAttribute");
    };
    prefer(kMaxWorkspaceBytes, kWorkspaceBytes);
    // Of both factors, of what is added and of the result.
    for (int matrix = 0; matrix < 4; ++matrix) prefer(kMinAlignmentA + matrix, Alignment(p));
    Heuristic found;
    int count = 0;
    const int status =
        library_.heuristic(handle_, plan.product.get(), plan.weight.get(), plan.x.get(),
                           plan.y.get(), plan.y.get(), preference.get(), 1, &found, &count);
    if (status != 0 || count == 0) {
      throw MatmulError("cuBLASLt has no algorithm for a product of [" +
                        std::to_string(p.num_rows) + ", " + std::to_string(p.in_size) + "] and [" +
                        std::to_string(p.out_size) + ", " + std::to_string(p.in_size) +
                        "]^T (status " + std::to_string(status) + ")");
    }
    return found.algorithm;
  }

  const Library& library_;
  Handle handle_ = nullptr;
  void* workspace_ = nullptr;
  std::mutex mutex_;
  std::map<Key, std::unique_ptr<Plan>> plans_;
};

Matmul::Matmul() : impl_(std::make_unique<Impl>()) {}
Matmul::~Matmul() = default;

void Matmul::Multiply(const MatmulParams& params, cudaStream_t stream) {
  impl_->Multiply(params, stream);
}

}  // namespace cacheblend::cuda
