// Kernel profiler for any CUDA program. CUDA loads this library into the program if the environment
// sets CUDA_INJECTION64_PATH=libcacheblend_kernel_profile.so. At exit it appends a table of kernels
// to the file $CACHEBLEND_PROFILE_OUT. Creating $CACHEBLEND_PROFILE_OUT.now appends a table of the
// kernels since the last one. $CACHEBLEND_PROFILE_OUT.trace lists the kernels of the last table in
// order of their start.

#include <cupti.h>
#include <cxxabi.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

struct Total {
  double millis = 0;
  long count = 0;
};

struct Interval {
  uint64_t start, end;
  std::string name;
};

struct Profile {
  std::mutex mutex;
  std::map<std::string, Total> totals;
  std::vector<Interval> trace;
  uint64_t first = UINT64_MAX, last = 0;
};

Profile& TheProfile() {
  static auto* const profile = new Profile;
  return *profile;
}

constexpr size_t kBufferBytes = 8 << 20, kNameLength = 100;

void CUPTIAPI Requested(uint8_t** buffer, size_t* size, size_t* max_records) {
  *buffer = static_cast<uint8_t*>(std::aligned_alloc(8, kBufferBytes));
  *size = kBufferBytes;
  *max_records = 0;
}

std::string Readable(const char* name) {
  int status = 0;
  char* demangled = abi::__cxa_demangle(name, nullptr, nullptr, &status);
  std::string text = status == 0 ? demangled : name;
  std::free(demangled);
  return text.substr(0, kNameLength);
}

void Count(const std::string& name, uint64_t start, uint64_t end) {
  Profile& profile = TheProfile();
  const std::lock_guard<std::mutex> lock(profile.mutex);
  Total& total = profile.totals[name];
  total.millis += static_cast<double>(end - start) * 1e-6;
  ++total.count;
  profile.trace.push_back({start, end, name});
  profile.first = std::min(profile.first, start);
  profile.last = std::max(profile.last, end);
}

void CUPTIAPI Completed(CUcontext, uint32_t, uint8_t* buffer, size_t, size_t valid) {
  CUpti_Activity* record = nullptr;
  while (cuptiActivityGetNextRecord(buffer, valid, &record) == CUPTI_SUCCESS) {
    if (record->kind == CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL) {
      const auto* kernel = reinterpret_cast<CUpti_ActivityKernel9*>(record);
      Count(Readable(kernel->name), kernel->start, kernel->end);
    } else if (record->kind == CUPTI_ACTIVITY_KIND_MEMCPY) {
      const auto* copy = reinterpret_cast<CUpti_ActivityMemcpy5*>(record);
      Count("memcpy kind " + std::to_string(copy->copyKind), copy->start, copy->end);
    }
  }
  std::free(buffer);
}

// Columns: start in ns relative to the first, duration in ns, name.
void PrintTrace(std::vector<Interval> trace) {
  std::sort(trace.begin(), trace.end(),
            [](const Interval& a, const Interval& b) { return a.start < b.start; });
  const std::string path = std::string(std::getenv("CACHEBLEND_PROFILE_OUT")) + ".trace";
  std::FILE* out = std::fopen(path.c_str(), "w");
  if (out == nullptr) return;
  for (const Interval& interval : trace) {
    std::fprintf(out, "%12lu %9lu  %s\n", interval.start - trace[0].start,
                 interval.end - interval.start, interval.name.c_str());
  }
  std::fclose(out);
}

void Print() {
  cuptiActivityFlushAll(1);
  Profile& profile = TheProfile();
  const std::lock_guard<std::mutex> lock(profile.mutex);
  std::vector<std::pair<std::string, Total>> rows(profile.totals.begin(), profile.totals.end());
  std::sort(rows.begin(), rows.end(),
            [](const auto& a, const auto& b) { return a.second.millis > b.second.millis; });
  double busy = 0;
  for (const auto& row : rows) busy += row.second.millis;
  std::FILE* out = std::fopen(std::getenv("CACHEBLEND_PROFILE_OUT"), "a");
  if (out == nullptr) return;
  std::fprintf(out, "GPU busy %.3f ms, first to last %.3f ms\n", busy,
               rows.empty() ? 0 : static_cast<double>(profile.last - profile.first) * 1e-6);
  std::fprintf(out, "%10s %7s %8s  %s\n", "ms", "share", "count", "kernel");
  for (const auto& row : rows) {
    std::fprintf(out, "%10.3f %6.1f%% %8ld  %s\n", row.second.millis,
                 100 * row.second.millis / busy, row.second.count, row.first.c_str());
  }
  std::fclose(out);
  PrintTrace(std::move(profile.trace));
  profile.trace.clear();
  profile.totals.clear();
  profile.first = UINT64_MAX;
  profile.last = 0;
}

void PrintOnRequest() {
  const std::string request = std::string(std::getenv("CACHEBLEND_PROFILE_OUT")) + ".now";
  while (true) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    if (access(request.c_str(), F_OK) != 0) continue;
    Print();
    unlink(request.c_str());
  }
}

}  // namespace

extern "C" __attribute__((visibility("default"))) int InitializeInjection() {
  if (std::getenv("CACHEBLEND_PROFILE_OUT") == nullptr) return 1;
  cuptiActivityEnable(CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL);
  cuptiActivityEnable(CUPTI_ACTIVITY_KIND_MEMCPY);
  cuptiActivityRegisterCallbacks(Requested, Completed);
  std::thread(PrintOnRequest).detach();
  std::atexit(Print);
  return 1;
}
