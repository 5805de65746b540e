#include "ops/cuda_products.h"

#include <map>
#include <mutex>
#include <utility>

#include "kernels/cuda/check.h"

namespace cacheblend {

namespace {

struct Streams {
  std::mutex mutex;
  std::map<std::pair<int, cudaStream_t>, std::weak_ptr<cuda::Matmul>> products;
};

// Never destroyed: sessions may outlive main.
Streams& TheStreams() {
  static auto* const streams = new Streams;
  return *streams;
}

}  // namespace

std::shared_ptr<cuda::Matmul> ProductsOnStream(cudaStream_t stream) {
  int device = 0;
  cuda::Check(cudaGetDevice(&device), "cudaGetDevice");
  Streams& streams = TheStreams();
  const std::lock_guard<std::mutex> lock(streams.mutex);
  std::weak_ptr<cuda::Matmul>& known = streams.products[{device, stream}];
  std::shared_ptr<cuda::Matmul> products = known.lock();
  if (products == nullptr) known = products = std::make_shared<cuda::Matmul>();
  return products;
}

}  // namespace cacheblend
