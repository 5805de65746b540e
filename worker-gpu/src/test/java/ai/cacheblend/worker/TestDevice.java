package ai.cacheblend.worker;

import ai.cacheblend.worker.kv.KvStorage;
import ai.cacheblend.worker.model.ComputeDevice;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.providers.OrtCUDAProviderOptions;

/**
 * The device that tests of the native library run on: the CPU, or the CUDA device that {@code
 * CACHEBLEND_TEST_DEVICE} names, such as {@code cuda:0}. In fp32 either way.
 */
public final class TestDevice {
  private static final String NAME = System.getenv().getOrDefault("CACHEBLEND_TEST_DEVICE", "cpu");

  private TestDevice() {}

  public static boolean isCuda() {
    return !NAME.equals("cpu");
  }

  public static KvStorage kvStorage() {
    return isCuda() ? KvStorage.cuda(ordinal(), KvStorage.Element.FP32) : KvStorage.host();
  }

  public static ComputeDevice compute(int threadCount) {
    return isCuda()
        ? new ComputeDevice.Cuda(ordinal(), 4L << 30)
        : new ComputeDevice.Cpu(threadCount);
  }

  /** For sessions that a test opens by itself. */
  public static void configure(OrtSession.SessionOptions options) throws OrtException {
    if (!isCuda()) {
      return;
    }
    try (OrtCUDAProviderOptions provider = new OrtCUDAProviderOptions(ordinal())) {
      provider.add("use_tf32", "0");
      options.addCUDA(provider);
    }
  }

  private static int ordinal() {
    return Integer.parseInt(NAME.substring("cuda:".length()));
  }
}
