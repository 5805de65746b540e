// Native methods of ai.cacheblend.worker.device.NvmlCalls: a CUDA device as reported by the driver
// (libcuda) and NVML (libnvidia-ml). Both come with NVIDIA's driver and are loaded at run time, so
// that this library also loads without them. The functions used are declared here as in cuda.h and
// nvml.h, whose interfaces are stable.

#include <dlfcn.h>
#include <jni.h>

#include <array>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

#define NVML_CALL(result, name) \
  extern "C" JNIEXPORT result JNICALL Java_ai_cacheblend_worker_device_NvmlCalls_##name

namespace cacheblend {
namespace {

class DriverLibrary {
 public:
  explicit DriverLibrary(const char* file) : file_(file), handle_(dlopen(file, RTLD_NOW)) {
    if (handle_ == nullptr) {
      throw std::runtime_error(file_ + " cannot be loaded: " + dlerror() +
                               "; install the NVIDIA driver");
    }
  }

  // Null if this driver version lacks the function.
  template <typename Function>
  Function* Find(const char* name) const {
    return reinterpret_cast<Function*>(dlsym(handle_, name));
  }

  template <typename Function>
  Function* Get(const char* name) const {
    Function* function = Find<Function>(name);
    if (function == nullptr)
      throw std::runtime_error(file_ + " has no function " + name + "; update the NVIDIA driver");
    return function;
  }

 private:
  std::string file_;
  void* handle_;  // for the life of the process
};

[[noreturn]] void Fail(const char* call, int status, const char* text) {
  throw std::runtime_error(std::string(call) + " failed: " + (text == nullptr ? "status" : text) +
                           " (" + std::to_string(status) + ")");
}

// ---- libcuda: maps an ordinal of this process to a device. Unlike NVML, it follows
// CUDA_VISIBLE_DEVICES.

using CuDevice = int;
struct CuUuid {
  unsigned char bytes[16];
};

class Cuda {
 public:
  Cuda() : library_("libcuda.so.1") { Call("cuInit", 0u); }

  CuDevice Device(int ordinal) const {
    CuDevice device = 0;
    Call("cuDeviceGet", &device, ordinal);
    return device;
  }

  std::string Name(CuDevice device) const {
    std::array<char, 256> name{};
    Call("cuDeviceGetName", name.data(), static_cast<int>(name.size()), device);
    return name.data();
  }

  std::string PciBusId(CuDevice device) const {
    std::array<char, 32> id{};
    Call("cuDeviceGetPCIBusId", id.data(), static_cast<int>(id.size()), device);
    return id.data();
  }

  // Without the prefix "GPU-"; for a MIG device, the UUID of the slice.
  std::string Uuid(CuDevice device) const {
    CuUuid uuid{};
    const char* sliced = "cuDeviceGetUuid_v2";
    Call(library_.Find<int(CuUuid*, CuDevice)>(sliced) ? sliced : "cuDeviceGetUuid", &uuid, device);
    std::string text;
    for (int i = 0; i < 16; ++i) {
      char digits[3];
      std::snprintf(digits, sizeof(digits), "%02x", uuid.bytes[i]);
      if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
      text += digits;
    }
    return text;
  }

  // Newest CUDA version that the driver supports, for example 13.0.
  std::string Version() const {
    int version = 0;
    Call("cuDriverGetVersion", &version);
    return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
  }

 private:
  template <typename... Arguments>
  void Call(const char* name, Arguments... arguments) const {
    const int status = library_.Get<int(Arguments...)>(name)(arguments...);
    if (status == 0) return;
    const char* text = nullptr;
    if (auto* describe = library_.Find<int(int, const char**)>("cuGetErrorString")) {
      describe(status, &text);
    }
    Fail(name, status, text);
  }

  DriverLibrary library_;
};

const Cuda& TheCuda() {
  static const Cuda cuda;
  return cuda;
}

// ---- libnvidia-ml

using NvmlDevice = void*;
struct NvmlMemory {
  unsigned long long total, free, used;
};
enum NvmlClock { kSmClock = 1, kMemoryClock = 2 };
constexpr int kTemperatureOfGpu = 0;

class Nvml {
 public:
  Nvml() : library_("libnvidia-ml.so.1") { Require("nvmlInit_v2"); }

  // A UUID names a whole GPU or a MIG slice.
  NvmlDevice Device(const std::string& uuid) const {
    NvmlDevice device = nullptr;
    if (Call("nvmlDeviceGetHandleByUUID", ("MIG-" + uuid).c_str(), &device) != 0) {
      Require("nvmlDeviceGetHandleByUUID", ("GPU-" + uuid).c_str(), &device);
    }
    return device;
  }

  std::string Uuid(NvmlDevice device) const { return Text<96>("nvmlDeviceGetUUID", device); }

  std::string DriverVersion() const {
    std::array<char, 96> text{};
    Require("nvmlSystemGetDriverVersion", text.data(), static_cast<unsigned>(text.size()));
    return text.data();
  }

  // In the order of GpuStatistics.java; -1 for values that this device, driver or virtual machine
  // does not report.
  std::vector<jlong> Sample(NvmlDevice device) const {
    NvmlMemory memory{};
    const bool has_memory = Call("nvmlDeviceGetMemoryInfo", device, &memory) == 0;
    unsigned mig = 0, pending = 0;
    const bool has_mig = Call("nvmlDeviceGetMigMode", device, &mig, &pending) == 0;
    return {has_memory ? static_cast<jlong>(memory.total) : -1,
            has_memory ? static_cast<jlong>(memory.used) : -1,
            Value("nvmlDeviceGetClockInfo", device, kSmClock),
            Value("nvmlDeviceGetMaxClockInfo", device, kSmClock),
            Value("nvmlDeviceGetClockInfo", device, kMemoryClock),
            Value("nvmlDeviceGetMaxClockInfo", device, kMemoryClock),
            Value("nvmlDeviceGetPowerUsage", device),
            Value("nvmlDeviceGetEnforcedPowerLimit", device),
            Value("nvmlDeviceGetTemperature", device, kTemperatureOfGpu),
            ClocksEventReasons(device),
            has_mig ? static_cast<jlong>(mig) : -1};
  }

 private:
  template <typename... Arguments>
  int Call(const char* name, Arguments... arguments) const {
    constexpr int kFunctionNotFound = 13;
    auto* function = library_.Find<int(Arguments...)>(name);
    return function == nullptr ? kFunctionNotFound : function(arguments...);
  }

  template <typename... Arguments>
  void Require(const char* name, Arguments... arguments) const {
    const int status = Call(name, arguments...);
    if (status == 0) return;
    auto* describe = library_.Find<const char*(int)>("nvmlErrorString");
    Fail(name, status, describe == nullptr ? nullptr : describe(status));
  }

  template <size_t size>
  std::string Text(const char* name, NvmlDevice device) const {
    std::array<char, size> text{};
    Require(name, device, text.data(), static_cast<unsigned>(size));
    return text.data();
  }

  template <typename... Which>
  jlong Value(const char* name, NvmlDevice device, Which... which) const {
    unsigned value = 0;
    return Call(name, device, static_cast<int>(which)..., &value) == 0 ? static_cast<jlong>(value)
                                                                       : -1;
  }

  // Drivers before 535 have only the older name.
  jlong ClocksEventReasons(NvmlDevice device) const {
    unsigned long long reasons = 0;
    for (const char* name :
         {"nvmlDeviceGetCurrentClocksEventReasons", "nvmlDeviceGetCurrentClocksThrottleReasons"}) {
      if (Call(name, device, &reasons) == 0) return static_cast<jlong>(reasons);
    }
    return -1;
  }

  DriverLibrary library_;
};

const Nvml& TheNvml() {
  static const Nvml nvml;
  return nvml;
}

template <typename Body>
auto Guarded(JNIEnv* env, const Body& body) noexcept -> decltype(body()) {
  try {
    return body();
  } catch (const std::exception& e) {
    const jclass type = env->FindClass("java/lang/IllegalStateException");
    if (type != nullptr) env->ThrowNew(type, e.what());
  }
  return {};
}

jobjectArray Strings(JNIEnv* env, const std::vector<std::string>& texts) {
  const jobjectArray array =
      env->NewObjectArray(texts.size(), env->FindClass("java/lang/String"), nullptr);
  for (size_t i = 0; array != nullptr && i < texts.size(); ++i) {
    env->SetObjectArrayElement(array, i, env->NewStringUTF(texts[i].c_str()));
  }
  return array;
}

std::string ToString(JNIEnv* env, jstring text) {
  const char* characters = env->GetStringUTFChars(text, nullptr);
  if (characters == nullptr) throw std::runtime_error("out of memory for a string");
  const std::string copy = characters;
  env->ReleaseStringUTFChars(text, characters);
  return copy;
}

}  // namespace
}  // namespace cacheblend

using namespace cacheblend;

// Returns name, UUID without prefix, PCI bus id, CUDA version of the driver.
NVML_CALL(jobjectArray, describe)(JNIEnv* env, jclass, jint ordinal) {
  return Guarded(env, [&] {
    const CuDevice device = TheCuda().Device(ordinal);
    return Strings(env, {TheCuda().Name(device), TheCuda().Uuid(device), TheCuda().PciBusId(device),
                         TheCuda().Version()});
  });
}

// Returns the UUID as NVML writes it, and the driver version.
NVML_CALL(jobjectArray, identify)(JNIEnv* env, jclass, jstring uuid) {
  return Guarded(env, [&] {
    const NvmlDevice device = TheNvml().Device(ToString(env, uuid));
    return Strings(env, {TheNvml().Uuid(device), TheNvml().DriverVersion()});
  });
}

NVML_CALL(jlongArray, sample)(JNIEnv* env, jclass, jstring uuid) {
  return Guarded(env, [&] {
    const std::vector<jlong> values = TheNvml().Sample(TheNvml().Device(ToString(env, uuid)));
    const jlongArray array = env->NewLongArray(values.size());
    if (array != nullptr) env->SetLongArrayRegion(array, 0, values.size(), values.data());
    return array;
  });
}
